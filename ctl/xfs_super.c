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

static bool any_is_behind(int fd, void *super, uint64_t group_bytes, const struct xfs_size *size)
{
	for (uint64_t group = 1; group < size->groups; group++)
		if (pread(fd, super, DIRECT_SIZE, (off_t)(group * group_bytes)) == DIRECT_SIZE &&
		    is_behind(super, size->blocks))
			return true;
	return false;
}

/**
 * xfs_copies_behind() - whether a copy of the superblock tells of a smaller filesystem
 * @volume: the device
 * @group_bytes: of an allocation group
 * @size: what the mounted filesystem has
 *
 * Each copy is read, since a power cut loses any of those that the disk had in its
 * cache. They are read past the device's own cache, which does not see what XFS
 * writes. A copy that cannot be read, as without root, is not behind.
 */
bool xfs_copies_behind(const struct volume *volume, uint64_t group_bytes,
		       const struct xfs_size *size)
{
	bool behind = false;
	void *super;
	int fd;

	if (posix_memalign(&super, DIRECT_SIZE, DIRECT_SIZE))
		return false;
	fd = volume_open(volume);
	if (fd >= 0) {
		if (fcntl(fd, F_SETFL, O_DIRECT) == 0)
			behind = any_is_behind(fd, super, group_bytes, size);
		close(fd);
	}
	free(super);
	return behind;
}
