// SPDX-License-Identifier: GPL-2.0-or-later
/* ext2, ext3 and ext4: how far one can grow, and the growing. */

#include <errno.h>
#include <sys/ioctl.h>

#include "ext_super.h"
#include "filesystem.h"

#define EXT_RESIZE _IOW('f', 16, uint64_t)

/* A whole group holds its overhead, or no group does. */
#define GROUPS_DROPPED_MAX 4

static const char *const types[] = { "ext4", "ext3", "ext2", NULL };

static uint64_t group_start(const struct ext *ext, uint64_t group)
{
	return group * ext->blocks_per_group + ext->first_block;
}

/* What may be asked for: the device, less what the formats of its counters cannot say. */
static uint64_t blocks_wanted(const struct ext *ext, uint64_t device_bytes)
{
	uint64_t blocks = device_bytes / ext->block_size;
	uint64_t groups = UINT32_MAX / ext->inodes_per_group;

	if (!ext->has_64bit && blocks > UINT32_MAX)
		blocks = UINT32_MAX;
	if (blocks > ext->first_block && ext_group_of(ext, blocks - 1) >= groups)
		blocks = group_start(ext, groups);
	return blocks - blocks % ext->cluster_ratio;
}

static bool is_power(uint64_t n, uint64_t base)
{
	while (n > 1 && n % base == 0)
		n /= base;
	return n == 1;
}

static bool group_has_super(const struct ext *ext, uint64_t group)
{
	return group <= 1 || !ext->has_sparse_super || is_power(group, 3) || is_power(group, 5) ||
	       is_power(group, 7);
}

/* Descriptors beyond what was reserved for them turn the filesystem into one with meta_bg. */
static bool needs_meta_bg(const struct ext *ext, uint64_t group)
{
	uint64_t descs = group / ext->descs_per_block + 1;

	if (ext->has_meta_bg)
		return true;
	return !ext->has_resize_inode || descs > (uint64_t)ext->desc_blocks + ext->reserved_gdt;
}

/* Blocks that a group gives to superblock, descriptors and their reserve. */
static uint64_t group_overhead(const struct ext *ext, uint64_t group)
{
	bool meta = needs_meta_bg(ext, group);
	bool super = group_has_super(ext, group);
	uint64_t first_meta = ext->has_meta_bg ? ext->first_meta_bg : ext->desc_blocks;
	uint64_t place = group % ext->descs_per_block;

	if (meta && group / ext->descs_per_block >= first_meta)
		return (place < 2 || place == ext->descs_per_block - 1) + super;
	if (!super)
		return 0;
	return 1 + (meta ? first_meta : (uint64_t)ext->desc_blocks + ext->reserved_gdt);
}

/* The kernel drops a last group that its bitmaps, its inode table and its overhead would fill. */
static uint64_t blocks_reachable(const struct ext *ext, uint64_t device_bytes)
{
	uint64_t blocks = blocks_wanted(ext, device_bytes);

	for (int i = 0; i < GROUPS_DROPPED_MAX && blocks > ext->blocks; i++) {
		uint64_t group = ext_group_of(ext, blocks - 1);
		uint64_t start = group_start(ext, group);
		uint64_t need =
			group_overhead(ext, group) + 2 + ext->itable_blocks + ext->cluster_ratio;

		if (start + need < blocks)
			return blocks;
		blocks = start;
	}
	return ext->blocks;
}

static int ext_facts(int fd, const struct volume *volume, struct fs_facts *ret)
{
	struct ext ext;
	int r = ext_read(volume, &ext);

	(void)fd;
	if (r < 0)
		return r;
	ret->size = ext.blocks * ext.block_size;
	ret->reach = blocks_reachable(&ext, volume->size) * ext.block_size;
	ret->damaged = ext.has_errors;
	return 0;
}

/*
 * Asks for all of the device, not for what is computed here as its reach: the
 * kernel knows better what it can use.
 */
static int ext_grow(int fd, const struct volume *volume)
{
	struct ext ext;
	uint64_t blocks;
	int r = ext_read(volume, &ext);

	if (r < 0)
		return r;
	blocks = blocks_wanted(&ext, volume->size);
	if (blocks <= ext.blocks)
		return 0;
	return ioctl(fd, EXT_RESIZE, &blocks) < 0 ? -errno : 0;
}

/* The kernel says no more than "not supported", and an older one does not even say that. */
static int ext_ready(int fd, const struct volume *volume)
{
	struct ext ext;
	int r = ext_read(volume, &ext);

	(void)fd;
	if (r < 0)
		return r;
	return ext.has_sparse_super2 ? -EOPNOTSUPP : 0;
}

static const char *ext_end_why(const struct volume *volume)
{
	struct ext ext;

	if (ext_read(volume, &ext) < 0 || ext.has_64bit)
		return "its format has no room for more inodes: only a new filesystem has it, and making one destroys this one";
	return "its blocks have numbers of 32 bits: umount it and run resize2fs -b";
}

static const char *ext_why(const struct volume *volume, int err)
{
	if (err == -E2BIG)
		return ext_end_why(volume);
	/* It needs no room in what it has; the kernel says this of a last block that it cannot read. */
	if (err == -ENOSPC)
		return "the kernel could not read its new end, or needs a larger journal: see "
		       "dmesg, then growctl grow";
	if (err == -EPERM)
		return "is mounted from a backup superblock (sb=), or CAP_SYS_RESOURCE is missing";
	if (err != -EOPNOTSUPP || ext_ready(-1, volume) != err)
		return NULL;
	return "has sparse_super2, with which the kernel grows none: umount it and run resize2fs";
}

static bool ext_is_live(const struct volume *volume)
{
	return volume_has_fs(volume, "ext4");
}

const struct fs_ops fs_ext = {
	.types = types,
	.by_hand = "resize2fs",
	.mend = "has errors: umount it and run e2fsck -f",
	.facts = ext_facts,
	.grow = ext_grow,
	.is_live = ext_is_live,
	.ready = ext_ready,
	.why = ext_why,
};
