/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_EXT_SUPER_H
#define GROWCTL_EXT_SUPER_H

#include <stdbool.h>
#include <stdint.h>

#include "sysfs.h"

/**
 * struct ext - the numbers that decide how far one can grow, all checked
 * @blocks: now
 * @block_size: bytes
 * @cluster_ratio: blocks of a cluster; 1 without bigalloc
 * @itable_blocks: blocks of a group's inode table
 * @descs_per_block: group descriptors in a block
 * @desc_blocks: blocks of descriptors now
 * @needs_recovery: its journal holds what is newer, as it does while it is mounted
 * @has_errors: the kernel found some; it does not grow it until e2fsck was there
 */
struct ext {
	uint64_t blocks;
	uint32_t block_size, cluster_ratio;
	uint32_t first_block, blocks_per_group, inodes_per_group;
	uint32_t itable_blocks, descs_per_block, desc_blocks, reserved_gdt;
	uint32_t first_meta_bg;
	bool has_64bit, has_meta_bg, has_resize_inode, has_sparse_super, has_sparse_super2;
	bool has_errors, needs_recovery;
};

int ext_read_at(int fd, uint64_t start, struct ext *ret);
int ext_read(const struct volume *volume, struct ext *ret);
uint64_t ext_group_of(const struct ext *ext, uint64_t block);

#endif
