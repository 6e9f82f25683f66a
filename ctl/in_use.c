// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether something here uses a disk, as far as everybody can see. */

#include <stdlib.h>

#include <linux/livegrow.h>

#include "filesystem.h"
#include "in_use.h"

/**
 * in_use() - whether a partition or disk is mounted, or something is made of it: dm, md
 * @mounts: of mounts_read()
 * @volume: the partition or disk
 *
 * A loop device does not count: it does not hold what it is made of.
 */
bool in_use(struct libmnt_table *mounts, const struct volume *volume)
{
	return fs_is_mounted(mounts, volume) || volume_is_linked(volume->name, "holders");
}

/**
 * in_use_by_now() - whether what the module says of a disk, that nothing uses it, is over
 * @mounts: of mounts_read()
 * @disk: what the module says
 *
 * Nothing tells the module that a mount or a mapping was made; it sees that when it looks next.
 */
bool in_use_by_now(struct libmnt_table *mounts, const struct record *disk)
{
	struct volume *volumes;
	bool any = false;
	size_t n;

	if (disk->state != LIVEGROW_STATE_UNUSED || volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		any |= in_use(mounts, &volumes[i]);
	free(volumes);
	return any;
}
