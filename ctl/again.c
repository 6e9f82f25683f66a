// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Some time after a table was updated its disk is looked at once more. Another
 * tool may have read the old table before and write it afterwards, and have the
 * kernel take it over; neither leads to a uevent that the module would hear.
 */

#include <limits.h>

#include <linux/livegrow.h>

#include "again.h"

/* A time that is past is met by the next pass; where that fails, there is no hurry. */
#define PAST_MS 100

/* Longer than a tool takes that reads a table, changes and writes it. */
#define AGAIN_MS 10000

/** again_hint() - an event came; its disk may have to be looked at again. */
void again_hint(struct memory *m, const struct record *event)
{
	struct disk_memory *mem;

	if (event->event != LIVEGROW_EVENT_TABLE_UPDATED)
		return;
	mem = memory_disk(m, event->disk);
	if (mem)
		mem->again_at = now_ms() + AGAIN_MS;
}

/** again_take() - whether the disk's time has come; true once. */
bool again_take(struct disk_memory *mem)
{
	if (!mem->again_at || now_ms() < mem->again_at)
		return false;
	mem->again_at = 0;
	return true;
}

/** again_patience() - milliseconds until the first disk's time; -1 where none has one. */
int again_patience(const struct memory *m)
{
	int64_t left, first = INT_MAX, now = now_ms();

	for (size_t i = 0; i < m->n_disks; i++) {
		if (!m->disks[i].again_at)
			continue;
		left = m->disks[i].again_at - now;
		left = left > 0 ? left : PAST_MS;
		first = left < first ? left : first;
	}
	return first < INT_MAX ? (int)first : -1;
}
