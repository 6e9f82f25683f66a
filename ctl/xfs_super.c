// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The superblocks of an XFS on its device, of which each allocation group has one.
 *
 * A grow stands in the log alone until the kernel writes them. One that a crash met
 * before leaves copies with the old size, and no recovery mends them: xfs_repair
 * would take the size that most of them have, and cut the filesystem off.
 */

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/fs.h>

#include "xfs_super.h"

/* Any device reads so much at once past its cache. */
#define DIRECT_SIZE 4096

#define BLOCKS_AT 8

/**
 * xfs_super_write() - have the kernel write all superblocks in place
 * @fd: of a file on it
 *
 * A label that is set, be it the same, is the one thing that writes them before
 * the call returns. FIFREEZE does as well for the first, but a process killed before
 * the thaw would leave a frozen filesystem.
 */
void xfs_super_write(int fd)
{
	char label[FSLABEL_MAX] = { 0 };

	if (ioctl(fd, FS_IOC_GETFSLABEL, label) == 0)
		ioctl(fd, FS_IOC_SETFSLABEL, label);
}

static bool is_behind(const unsigned char *super, uint64_t blocks)
{
	uint64_t found;

	memcpy(&found, super + BLOCKS_AT, sizeof(found));
	return !memcmp(super, "XFSB", 4) && be64toh(found) < blocks;
}

/**
 * xfs_super_behind() - whether a superblock on the device tells of a smaller filesystem
 * @volume: the device
 * @at: where it lies, in bytes
 * @blocks: what the mounted filesystem has
 *
 * Read past the device's cache, which does not see what XFS writes. One that cannot be
 * read, as without root, is not behind.
 */
bool xfs_super_behind(const struct volume *volume, uint64_t at, uint64_t blocks)
{
	bool behind = false;
	void *super;
	int fd;

	if (posix_memalign(&super, DIRECT_SIZE, DIRECT_SIZE))
		return false;
	fd = volume_open(volume);
	if (fd >= 0) {
		if (fcntl(fd, F_SETFL, O_DIRECT) == 0 &&
		    pread(fd, super, DIRECT_SIZE, (off_t)at) == DIRECT_SIZE)
			behind = is_behind(super, blocks);
		close(fd);
	}
	free(super);
	return behind;
}
