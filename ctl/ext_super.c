// SPDX-License-Identifier: GPL-2.0-or-later
/* The superblock of ext2, ext3 and ext4: the kernel has no call that tells the size of one. */

#include <endian.h>
#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "ext_super.h"

#define EXT_SUPER_OFFSET 1024
#define EXT_MAGIC 0xef53
#define EXT_LOG_BLOCK_MAX 6 /* 1 KiB << 6 is 64 KiB */
#define EXT_LOG_CLUSTER_MAX 20

#define EXT_STATE_ERRORS 0x0002
#define EXT_COMPAT_RESIZE_INODE 0x0010
#define EXT_COMPAT_SPARSE_SUPER2 0x0200
#define EXT_INCOMPAT_RECOVER 0x0004
#define EXT_INCOMPAT_META_BG 0x0010
#define EXT_INCOMPAT_64BIT 0x0080
#define EXT_RO_COMPAT_SPARSE_SUPER 0x0001
#define EXT_RO_COMPAT_BIGALLOC 0x0200

/* The superblock as it lies on the disk, little-endian; what is not used here is padding. */
struct ext_super {
	uint32_t inodes_count, blocks_count_lo;
	uint8_t pad1[12];
	uint32_t first_data_block, log_block_size, log_cluster_size;
	uint32_t blocks_per_group, clusters_per_group, inodes_per_group;
	uint8_t pad2[12];
	uint16_t magic, state;
	uint8_t pad3[16];
	uint32_t rev_level;
	uint8_t pad4[8];
	uint16_t inode_size;
	uint8_t pad5[2];
	uint32_t feature_compat, feature_incompat, feature_ro_compat;
	uint8_t pad6[102];
	uint16_t reserved_gdt_blocks;
	uint8_t pad7[46];
	uint16_t desc_size;
	uint8_t pad8[4];
	uint32_t first_meta_bg;
	uint8_t pad9[72];
	uint32_t blocks_count_hi;
	uint8_t pad10[684];
};
static_assert(offsetof(struct ext_super, magic) == 0x38, "misplaced");
static_assert(offsetof(struct ext_super, state) == 0x3a, "misplaced");
static_assert(offsetof(struct ext_super, rev_level) == 0x4c, "misplaced");
static_assert(offsetof(struct ext_super, inode_size) == 0x58, "misplaced");
static_assert(offsetof(struct ext_super, feature_compat) == 0x5c, "misplaced");
static_assert(offsetof(struct ext_super, reserved_gdt_blocks) == 0xce, "misplaced");
static_assert(offsetof(struct ext_super, desc_size) == 0xfe, "misplaced");
static_assert(offsetof(struct ext_super, first_meta_bg) == 0x104, "misplaced");
static_assert(offsetof(struct ext_super, blocks_count_hi) == 0x150, "misplaced");
static_assert(sizeof(struct ext_super) == 1024, "not the superblock's size");

/** ext_group_of() - the block group that a block lies in. */
uint64_t ext_group_of(const struct ext *ext, uint64_t block)
{
	return (block - ext->first_block) / ext->blocks_per_group;
}

static int geometry_take(const struct ext_super *sb, struct ext *ext)
{
	uint32_t log_block = le32toh(sb->log_block_size);
	uint32_t log_cluster = le32toh(sb->log_cluster_size);
	uint32_t inode_size = le32toh(sb->rev_level) ? le16toh(sb->inode_size) : 128;
	uint64_t table;

	if (le16toh(sb->magic) != EXT_MAGIC || log_block > EXT_LOG_BLOCK_MAX)
		return -EUCLEAN;
	ext->block_size = UINT32_C(1024) << log_block;
	ext->cluster_ratio = 1;
	if (le32toh(sb->feature_ro_compat) & EXT_RO_COMPAT_BIGALLOC) {
		if (log_cluster < log_block || log_cluster > EXT_LOG_CLUSTER_MAX)
			return -EUCLEAN;
		ext->cluster_ratio = UINT32_C(1) << (log_cluster - log_block);
	}
	ext->first_block = le32toh(sb->first_data_block);
	ext->blocks_per_group = le32toh(sb->blocks_per_group);
	ext->inodes_per_group = le32toh(sb->inodes_per_group);
	if (ext->first_block > 1 || !ext->blocks_per_group || !ext->inodes_per_group ||
	    inode_size < 128)
		return -EUCLEAN;
	table = ((uint64_t)ext->inodes_per_group * inode_size + ext->block_size - 1) /
		ext->block_size;
	if (table >= ext->blocks_per_group)
		return -EUCLEAN;
	ext->itable_blocks = (uint32_t)table;
	return 0;
}

static int descriptors_take(const struct ext_super *sb, struct ext *ext)
{
	uint32_t desc_size = ext->has_64bit ? le16toh(sb->desc_size) : 32;
	uint64_t groups = ext_group_of(ext, ext->blocks - 1) + 1;

	if (desc_size < 32 || desc_size > ext->block_size || groups > UINT32_MAX)
		return -EUCLEAN;
	ext->descs_per_block = ext->block_size / desc_size;
	ext->desc_blocks = (uint32_t)((groups + ext->descs_per_block - 1) / ext->descs_per_block);
	ext->reserved_gdt = le16toh(sb->reserved_gdt_blocks);
	ext->first_meta_bg = le32toh(sb->first_meta_bg);
	return 0;
}

static int super_take(const struct ext_super *sb, struct ext *ret)
{
	uint32_t incompat = le32toh(sb->feature_incompat);
	struct ext ext = { 0 };
	int r = geometry_take(sb, &ext);

	if (r < 0)
		return r;
	ext.has_64bit = incompat & EXT_INCOMPAT_64BIT;
	ext.has_meta_bg = incompat & EXT_INCOMPAT_META_BG;
	ext.has_resize_inode = le32toh(sb->feature_compat) & EXT_COMPAT_RESIZE_INODE;
	ext.has_sparse_super2 = le32toh(sb->feature_compat) & EXT_COMPAT_SPARSE_SUPER2;
	ext.has_sparse_super = le32toh(sb->feature_ro_compat) & EXT_RO_COMPAT_SPARSE_SUPER;
	ext.needs_recovery = incompat & EXT_INCOMPAT_RECOVER;
	ext.has_errors = le16toh(sb->state) & EXT_STATE_ERRORS;
	ext.blocks = le32toh(sb->blocks_count_lo);
	if (ext.has_64bit)
		ext.blocks |= (uint64_t)le32toh(sb->blocks_count_hi) << 32;
	if (ext.blocks <= ext.first_block || ext.blocks > UINT64_MAX / ext.block_size)
		return -EUCLEAN;
	r = descriptors_take(sb, &ext);
	if (r < 0)
		return r;
	*ret = ext;
	return 0;
}

/**
 * ext_read_at() - read and check the superblock in a part of a file or device
 * @fd: it, open
 * @start: byte where the part starts
 * @ret: receives what it says
 *
 * Returns 0, -EUCLEAN where it makes no sense, or another negative errno.
 */
int ext_read_at(int fd, uint64_t start, struct ext *ret)
{
	struct ext_super sb;
	ssize_t n = pread(fd, &sb, sizeof(sb), (off_t)(start + EXT_SUPER_OFFSET));

	if (n < 0)
		return -errno;
	return n == sizeof(sb) ? super_take(&sb, ret) : -EUCLEAN;
}

/**
 * ext_read() - read and check the superblock of a volume
 * @volume: the partition or disk
 * @ret: receives what it says
 *
 * Through the partition's own node it is the very page that the mounted
 * filesystem keeps it in.
 *
 * Returns as ext_read_at() does, or -EACCES where it takes root.
 */
int ext_read(const struct volume *volume, struct ext *ret)
{
	int r, fd = volume_open(volume);

	if (fd < 0)
		return fd;
	r = ext_read_at(fd, 0, ret);
	close(fd);
	return r;
}
