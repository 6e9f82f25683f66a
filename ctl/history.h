/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_HISTORY_H
#define GROWCTL_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "util.h"

/**
 * struct history_entry - something that became of a disk
 * @time: seconds since 1970
 * @event: "partition-grown", "filesystem-grown", "rolled-back", "recovered", "failed"
 * @guid: of the disk's table, since its name may be another after a boot; or ""
 * @partition: its number; 0 is the whole disk
 * @from: bytes before
 * @to: bytes after
 * @table_us: from the change of the disk's size until its table was durable
 * @partition_us: likewise until its partition had grown
 * @total_us: likewise until this event
 * @by: "auto", "person", or "" where that is not known
 * @error: of a failure, positive
 * @why: of a failure, in words
 * @boot: which boot it was in
 * @at_ns: when, by CLOCK_MONOTONIC: with @boot it is this event and no other
 * @look: the number of the look that did it, for whoever hears of that look's end; not stored
 * @grows: growths of the disk before all the entries that follow, in a line that has no
 *	   @event; its @time and @total_us are the newest one's
 * @failures: likewise
 *
 * What has no meaning is zero or "".
 */
struct history_entry {
	uint64_t time;
	char event[24], disk[NAME_SIZE], guid[GUID_SIZE], fstype[32], by[8], why[160],
		boot[GUID_SIZE];
	uint64_t at_ns, look, partition, from, to, table_us, partition_us, total_us, error, grows,
		failures;
};

struct tallies;

typedef int (*history_fn)(const struct history_entry *entry, void *arg);

int history_append(int dir, const struct history_entry *entries, size_t n);
int history_read(int dir, history_fn fn, void *arg);
int history_tally(int dir, struct tallies *t);

#endif
