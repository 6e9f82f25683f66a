// SPDX-License-Identifier: GPL-2.0-or-later
/* XFS: its ioctls take the size in filesystem blocks and would shrink it as well. */

#include <errno.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include <linux/fs.h>

#include "filesystem.h"

/* Of the kernel's fs/xfs/libxfs/xfs_fs.h, which no header package carries on every system. */
struct xfs_geometry_v1 {
	uint32_t blocksize, rtextsize, agblocks, agcount;
	uint32_t logblocks, sectsize, inodesize, imaxpct;
	uint64_t datablocks, rtblocks, rtextents, logstart;
	uint8_t uuid[16];
	uint32_t sunit, swidth;
	int32_t version;
	uint32_t flags, logsectsize, rtsectsize, dirblocksize;
};
static_assert(sizeof(struct xfs_geometry_v1) == 112, "not the kernel's structure");
static_assert(offsetof(struct xfs_geometry_v1, datablocks) == 32, "not the kernel's structure");

struct xfs_growfs {
	uint64_t newblocks;
	uint32_t imaxpct;
};
static_assert(sizeof(struct xfs_growfs) == 16, "not the kernel's structure");

#define XFS_GEOMETRY_V1 _IOR('X', 100, struct xfs_geometry_v1)
#define XFS_GROWFS _IOW('X', 110, struct xfs_growfs)

/* The kernel drops a last allocation group of fewer blocks and makes no more groups than this. */
#define XFS_AG_BLOCKS_MIN 64
#define XFS_AGS_MAX UINT64_C(0xffffffff)

static const char *const types[] = { "xfs", NULL };

static int geometry_read(int fd, struct xfs_geometry_v1 *ret)
{
	struct xfs_geometry_v1 geo = { 0 };

	if (ioctl(fd, XFS_GEOMETRY_V1, &geo) < 0)
		return -errno;
	if (!geo.blocksize || !geo.agblocks || geo.datablocks > UINT64_MAX / geo.blocksize)
		return -EUCLEAN;
	*ret = geo;
	return 0;
}

/* The size in blocks that the kernel would make of the whole device; never fewer than now. */
static uint64_t blocks_reachable(const struct xfs_geometry_v1 *geo, uint64_t device_bytes)
{
	uint64_t blocks = device_bytes / geo->blocksize;
	uint64_t groups = blocks / geo->agblocks;
	uint64_t rest = blocks % geo->agblocks;

	if (groups >= XFS_AGS_MAX)
		blocks = XFS_AGS_MAX * geo->agblocks;
	else if (rest < XFS_AG_BLOCKS_MIN)
		blocks -= rest;
	return blocks > geo->datablocks ? blocks : geo->datablocks;
}

static int xfs_facts(int fd, const struct volume *volume, struct fs_facts *ret)
{
	struct xfs_geometry_v1 geo;
	int r = fd < 0 ? fd : geometry_read(fd, &geo);

	if (r < 0)
		return r;
	ret->size = geo.datablocks * geo.blocksize;
	ret->reach = blocks_reachable(&geo, volume->size) * geo.blocksize;
	return 0;
}

/*
 * Makes XFS write its superblock in place, where it else stands in the log
 * alone for half a minute. Kernels before 6.13 recover a log in which the last
 * allocation group was extended with that group's old size, and shut the
 * filesystem down at its first use; from a superblock in place they take the
 * new one. A crash between the two writes still meets that.
 *
 * A label that is set, be it the same, is the one thing that writes the
 * superblock before the call returns. FIFREEZE does as well, but a process
 * killed before the thaw would leave a frozen filesystem. The grow is done
 * whatever comes of this.
 */
static void super_write(int fd)
{
	char label[FSLABEL_MAX] = { 0 };

	if (ioctl(fd, FS_IOC_GETFSLABEL, label) == 0)
		ioctl(fd, FS_IOC_SETFSLABEL, label);
}

static int xfs_grow(int fd, const struct volume *volume)
{
	struct xfs_geometry_v1 geo;
	struct xfs_growfs in = { 0 };
	int r = geometry_read(fd, &geo);

	if (r < 0)
		return r;
	in.newblocks = blocks_reachable(&geo, volume->size);
	/* Another value than the present one would change it. */
	in.imaxpct = geo.imaxpct;
	if (in.newblocks <= geo.datablocks)
		return 0;
	if (ioctl(fd, XFS_GROWFS, &in) < 0)
		return -errno;
	super_write(fd);
	return 0;
}

const struct fs_ops fs_xfs = {
	.types = types,
	.mend = "has errors: umount it and run xfs_repair",
	.facts = xfs_facts,
	.grow = xfs_grow,
};
