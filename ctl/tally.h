/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TALLY_H
#define GROWCTL_TALLY_H

#include "history.h"

/**
 * struct tally - what has become of one disk, in numbers
 * @grows: growths of its partitions and filesystems
 * @failures: of these
 * @time: of the newest growth, in seconds since 1970; 0 where there is none
 * @total_us: how long that took; 0 where it is not known
 */
struct tally {
	char disk[NAME_SIZE];
	uint64_t grows, failures, time, total_us;
};

/**
 * struct tallies - of all disks
 * @list: free() it
 * @n: their number
 */
struct tallies {
	struct tally *list;
	size_t n;
};

struct tally *tally_of(struct tallies *t, const char *disk);
int tally_add(const struct history_entry *entry, void *arg);

#endif
