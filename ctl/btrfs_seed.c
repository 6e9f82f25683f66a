// SPDX-License-Identifier: GPL-2.0-or-later
/* Seeds of btrfs: devices that the filesystems made from them never write to. */

#include <endian.h>
#include <string.h>
#include <unistd.h>

#include "btrfs_seed.h"

/* The first superblock, which a seed keeps as it was while others are made from it. */
#define SUPER_AT 65536
#define FLAGS_AT 56
#define MAGIC_AT 64
#define MAGIC "_BHRfS_M"
#define SEEDING (UINT64_C(1) << 32)

/** btrfs_is_seed() - whether a partition or disk is one, mounted or not; false where it cannot be read. */
bool btrfs_is_seed(const struct volume *volume)
{
	uint8_t super[MAGIC_AT + sizeof(MAGIC) - 1];
	int fd = volume_open(volume);
	uint64_t flags;
	ssize_t n;

	if (fd < 0)
		return false;
	n = pread(fd, super, sizeof(super), SUPER_AT);
	close(fd);
	if (n != sizeof(super) || memcmp(super + MAGIC_AT, MAGIC, sizeof(MAGIC) - 1) != 0)
		return false;
	memcpy(&flags, super + FLAGS_AT, sizeof(flags));
	return le64toh(flags) & SEEDING;
}
