// SPDX-License-Identifier: GPL-2.0-or-later
/* XFS: its ioctls take the size in filesystem blocks and would shrink it as well. */

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "filesystem.h"
#include "xfs_super.h"

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

/* The size is asked for so often, and so many times: for a second; on a frozen one it goes on. */
#define SUPER_PAUSE_NS 200000
#define SUPER_TRIES 5000

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

static bool copies_are_behind(const struct xfs_geometry_v1 *geo, const struct volume *volume)
{
	const struct xfs_size size = { .blocks = geo->datablocks, .groups = geo->agcount };

	return xfs_copies_behind(volume, (uint64_t)geo->agblocks * geo->blocksize, &size);
}

static int xfs_facts(int fd, const struct volume *volume, struct fs_facts *ret)
{
	struct xfs_geometry_v1 geo;
	int r = fd < 0 ? fd : geometry_read(fd, &geo);

	if (r < 0)
		return r;
	ret->size = geo.datablocks * geo.blocksize;
	ret->reach = blocks_reachable(&geo, volume->size) * geo.blocksize;
	/* A grow that is still to come writes all copies. */
	ret->unfinished = ret->size >= ret->reach && copies_are_behind(&geo, volume);
	return 0;
}

/*
 * Kernels before 6.13 recover a log in which the last allocation group was extended
 * with that group's old size, and shut the filesystem down at its first use; where the
 * superblock is in place, they take the new one. The grow itself writes the copies
 * before it returns, which takes its time, and the superblock not at all. So a process
 * beside it has that written as soon as the new size is in force.
 */
static void super_write_when_grown(int fd, uint64_t blocks)
{
	const struct timespec pause = { .tv_nsec = SUPER_PAUSE_NS };
	struct xfs_geometry_v1 geo = { .datablocks = blocks };
	int r = 0;

	for (int i = 0; i < SUPER_TRIES && r == 0 && geo.datablocks == blocks; i++) {
		nanosleep(&pause, NULL);
		r = geometry_read(fd, &geo);
	}
	xfs_super_write(fd);
}

static int grow_and_write(int fd, struct xfs_growfs *in, uint64_t blocks)
{
	pid_t pid = fork();
	int r;

	if (!pid) {
		super_write_when_grown(fd, blocks);
		_exit(0);
	}
	r = ioctl(fd, XFS_GROWFS, in) < 0 ? -errno : 0;
	if (pid > 0 && r < 0)
		kill(pid, SIGKILL);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	else if (r == 0)
		xfs_super_write(fd);
	return r;
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
	if (in.newblocks > geo.datablocks)
		return grow_and_write(fd, &in, geo.datablocks);
	xfs_super_write(fd);
	return 0;
}

static bool xfs_is_live(const struct volume *volume)
{
	return volume_has_fs(volume, "xfs");
}

const struct fs_ops fs_xfs = {
	.types = types,
	.by_hand = "xfs_growfs",
	.mend = "has errors: umount it and run xfs_repair",
	.facts = xfs_facts,
	.grow = xfs_grow,
	.is_live = xfs_is_live,
};
