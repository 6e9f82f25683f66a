/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commit as a list of writes. With N the disk's new last LBA, E the length of
 * the entry array in blocks, H its home:
 *
 *  1   new array at N-E..N-1, backup header at N
 *  1b  the old backup is zeroed: its array, then its header
 *  2   LBA 1: alternate N, new CRCs, array at N-E, marker that names H
 *  3   new array at H
 *  4   LBA 1: array at H, no marker
 *  5   protective MBR's size
 *
 * A stock kernel looks at the backup only when the primary is valid, so the
 * usual order (array, then header) has a window in which it finds no table at
 * all. Here single blocks switch: up to 2 the old table is in force, from 2 on the
 * new one. The old backup goes before 2, since its blocks belong to the partition
 * afterwards. Where only the backup is displaced, the array stays as it is and 2
 * is the last form of LBA 1 at once. A write of one logical block is taken to be
 * atomic, and nothing more.
 * A rollback is the same with a smaller end: where the backup stands at N already,
 * 1 writes over it, and the primary alone carries the old table until 2.
 * Each is flushed and read back before the next; before each, LBA 0, LBA 1 and the
 * array that LBA 1 names are compared with the image that the step expects, and so
 * is what it overwrites where another tool may have begun to write as well. After
 * every prefix of the list, cut at any logical block, a stock kernel finds the old
 * table or the new one.
 *
 * This holds on a disk that is at least as large as it was when the step ran. If the
 * host makes it smaller between 2 and 4, the array that LBA 1 names is gone. The
 * array's home then holds the old table or the new one, and withdrawn.h says how LBA 1
 * is written again for it: by the running module at once, after a reboot on a person's
 * word. On a disk that is no smaller than before the growth, a stock kernel then finds
 * the partitions. If the disk is smaller again from 4 on, LBA 1 names an array that is
 * whole, for a disk that is larger: a stock kernel finds the partitions as soon as the
 * host gives the size back. The running module fits the table to the disk if nothing
 * used the new space. After a reboot it does so on a person's word, and the last
 * partition, if it starts in front of the disk's end, is cut to end there.
 */
#ifndef LIVEGROW_PLAN_H
#define LIVEGROW_PLAN_H

#include <livegrow/policy.h>

/* 1, 1b twice (header and array), 2, 3, 4, 5 */
#define LG_MAX_STEPS	7

/* What must be on the disk for a step to be right. */
struct lg_image {
	const u8 *mbr;
	const u8 *header;
	const u8 *array;
	u64 array_lba;
};

struct lg_step {
	enum livegrow_step id;
	u64 lba;
	u32 count;		/* LBAs */
	const u8 *data;
	const u8 *over;		/* what lies at @lba, where that may be another's; or NULL */
	struct lg_image before;
};

struct lg_plan {
	u32 nr_steps;
	struct lg_step steps[LG_MAX_STEPS];
};

/**
 * lg_plan_buffer_lbas() - how large a buffer a plan for this table needs
 * @table: a sound table
 *
 * Return: logical blocks.
 */
u32 lg_plan_buffer_lbas(const struct lg_table *table);

/**
 * lg_plan_commit() - the writes that bring a disk to its goal
 * @table: a sound table, no commit unfinished
 * @goal: what lg_policy() or lg_rollback_judge() said, with @goal->write set
 * @stale: what lg_stale_read() said
 * @buffer: lg_plan_buffer_lbas() blocks, kept as long as the plan
 * @plan: the answer; points into @buffer and into the table's blocks
 */
void lg_plan_commit(const struct lg_table *table, const struct lg_goal *goal,
		    const struct lg_stale *stale, u8 *buffer, struct lg_plan *plan);

/**
 * lg_plan_finish() - the writes that end an unfinished commit
 * @table: a sound table with @table->unfinished set
 * @buffer: lg_plan_buffer_lbas() blocks, kept as long as the plan
 * @plan: the answer; points into @buffer and into the table's blocks
 */
void lg_plan_finish(const struct lg_table *table, u8 *buffer, struct lg_plan *plan);

#endif /* LIVEGROW_PLAN_H */
