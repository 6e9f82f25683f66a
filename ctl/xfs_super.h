/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_XFS_SUPER_H
#define GROWCTL_XFS_SUPER_H

#include "sysfs.h"

/**
 * struct xfs_size - the size of an XFS
 * @blocks: its filesystem blocks
 * @groups: its allocation groups, each of which has a superblock at its start
 */
struct xfs_size {
	uint64_t blocks, groups;
};

void xfs_super_write(int fd);
bool xfs_copies_behind(const struct volume *volume, uint64_t group_bytes,
		       const struct xfs_size *size);

#endif
