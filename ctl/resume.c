// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A growth that was interrupted between the table and the live partition. The module
 * knows that its own commit did it until it is unloaded; afterwards the stored tables do.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "resume.h"
#include "store.h"

static int newest_load(const char *guid, struct stored *ret)
{
	int r, dir = store_open();
	uint32_t *ids;
	size_t n;

	if (dir < 0)
		return dir;
	r = store_ids(dir, guid, &ids, &n);
	if (r == 0) {
		r = n ? store_load(dir, guid, ids[n - 1], ret) : -ENOENT;
		free(ids);
	}
	close(dir);
	return r;
}

/* Does the partition end live where @old has its end, and does nothing else differ? */
static bool is_behind(const struct record *disk, const struct table *now, const struct table *old,
		      uint32_t lba_size)
{
	struct table_part part;

	return table_equal_but_end(now, old, disk->part) && table_last(old, &part) &&
	       part.number == disk->part &&
	       (part.last - part.first + 1) * lba_size == disk->part_size;
}

/**
 * resume_is_ours() - whether livegrow made the last partition larger in the table alone
 * @disk: what the module says of the disk
 *
 * It did where the newest stored table, which is the one that its last commit replaced,
 * has the partition as it still is live. Reads the disk where the module found such a
 * partition, and only there.
 */
bool resume_is_ours(const struct record *disk)
{
	struct table now;
	struct stored old;
	struct volume v;
	uint32_t lba_size;
	bool ours = false;

	if (disk->reason != LIVEGROW_REASON_TABLE_DIFFERS || !disk->part ||
	    disk->part_size >= disk->part_reach || volume_read(disk->disk, &v) < 0 ||
	    table_of_disk(&v, &now, &lba_size) < 0)
		return false;
	if (newest_load(now.guid, &old) == 0) {
		ours = is_behind(disk, &now, &old.table, lba_size);
		free(old.table.bytes);
	}
	free(now.bytes);
	return ours;
}
