/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reboot finds on a disk: the answer of Linux's own GPT parser, without
 * "gpt" on its command line. Written from what that parser does; shares no code
 * with it, nor with livegrow's core.
 */
#ifndef CRASH_JUDGE_H
#define CRASH_JUDGE_H

#include "fixture.h"

/* The kernel numbers at most so many partitions of a disk. */
#define FOUND_MAX_PARTS 255
#define FOUND_ENTRY_SIZE 128

struct found_part {
	u32 number;
	u64 first;
	u64 last;
	u8 entry[FOUND_ENTRY_SIZE];
};

/* Without a table, the disk has no partitions: nothing else of it counts then. */
struct found {
	bool table;
	u64 array_lba;
	u64 array_lbas;
	u32 nr_parts;
	struct found_part parts[FOUND_MAX_PARTS];
};

void judge(const struct disk *disk, struct found *found);

/* Is there a header at @lba that the parser would take, with its array? */
bool judge_has_table(const struct disk *disk, u64 lba);

/* Is there one of the same entries where LBA 1 says that the backup is? */
bool judge_has_backup(const struct disk *disk);

/* The same partitions, in every byte of their entries? */
bool found_same(const struct found *a, const struct found *b);
const struct found_part *found_part(const struct found *found, u32 number);
const struct found_part *found_last(const struct found *found);

/* Does a range touch a partition? */
bool found_hits(const struct found *found, u64 lba, u64 count);

bool ranges_meet(u64 a, u64 a_count, u64 b, u64 b_count);

#endif /* CRASH_JUDGE_H */
