// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk whose partition table is no GPT, which other tools grow. */

#include <stdlib.h>

#include <linux/livegrow.h>

#include "foreign.h"

/* Bytes: growpart leaves up to so much for a GPT's backup, and for the end to be aligned. */
#define OVERHEAD (UINT64_C(2) << 20)

/**
 * foreign_last() - find the last partition of a disk whose table is no GPT
 * @disk: the module's record of the disk
 * @ret: receives it
 *
 * Returns false where the disk has a GPT or no partition.
 */
bool foreign_last(const struct record *disk, struct volume *ret)
{
	struct volume *volumes;
	size_t n;

	if (disk->state != LIVEGROW_STATE_BLOCKED || disk->reason != LIVEGROW_REASON_NOT_GPT ||
	    volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return false;
	*ret = volumes[n - 1];
	free(volumes);
	return ret->number != 0;
}

/**
 * foreign_full() - find the last partition that another tool has grown to the disk's end
 * @disk: the module's record of the disk
 * @ret: receives it
 *
 * Returns false where the disk has a GPT, no partition, or space behind the last one.
 */
bool foreign_full(const struct record *disk, struct volume *ret)
{
	return foreign_last(disk, ret) && ret->start + ret->size + OVERHEAD >= disk->capacity;
}
