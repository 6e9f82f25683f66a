// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Some time after a table was updated its disk is looked at once more. Another
 * tool may have read the old table before and write it afterwards, and have the
 * kernel take it over; neither leads to a uevent that the module would hear. And
 * filesystems are looked at again while one cannot be grown for now. A reload of the
 * daemon has all disks looked at, for whatever nobody tells of.
 */

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

/** again_all() - somebody wants it: each disk is looked at by the next pass. */
void again_all(struct memory *m)
{
	for (size_t i = 0; i < m->n_disks; i++)
		m->disks[i].again_at = now_ms();
}

/** again_doubt() - what holds for a disk could not be told, and may be after some time. */
void again_doubt(struct disk_memory *mem)
{
	mem->again_at = now_ms() + AGAIN_MS;
}

/** again_busy() - a filesystem cannot be grown before something ends that nobody tells of. */
void again_busy(struct memory *m)
{
	m->busy_at = now_ms() + AGAIN_MS;
}

/** again_busy_end() - all filesystems are looked at now. */
void again_busy_end(struct memory *m)
{
	m->busy_at = 0;
}

/** again_take() - whether the disk's time has come; true once. */
bool again_take(struct disk_memory *mem)
{
	if (!mem->again_at || now_ms() < mem->again_at)
		return false;
	mem->again_at = 0;
	return true;
}

/* Of two times; 0 is never. */
static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

/** again_patience() - milliseconds until the first time of these; -1 where there is none. */
int again_patience(const struct memory *m)
{
	int64_t left, first = m->busy_at;

	for (size_t i = 0; i < m->n_disks; i++)
		first = earlier(first, m->disks[i].again_at);
	if (!first)
		return -1;
	left = first - now_ms();
	return left > 0 ? (int)left : PAST_MS;
}
