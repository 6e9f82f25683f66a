/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An enlargement that the host withdraws while the commit is under way.
 *
 * From step 2 to step 4 LBA 1 names the entry array in front of the new end. If the
 * disk becomes smaller in that time, this array is gone, and it stays gone when the
 * disk is enlarged again: the host hands out zeros. The array's home then holds
 * the old table (before step 3) or the new one (from step 3 on). Both differ only in
 * one entry's last LBA, which lies in one sector, so a torn step 3 leaves one of the
 * two as well. LBA 1 is written again for the array at home:
 *
 * - LBA 1's CRC identifies the new array. If its last partition ends beyond the disk
 *   and the live one does not, the entry gets the live partition's end back.
 * - The old array has no CRC. It is accepted if the live partitions agree with it, or,
 *   where the kernel has none, on a person's word.
 *
 * On a smaller disk, if all partitions and a backup fit, the table is fitted to the
 * present end. Otherwise only the primary is written, for the smallest disk that holds
 * the partitions: a kernel finds them as soon as the disk is that large again.
 *
 * If the disk is as large as LBA 1 says, or larger, the array that LBA 1 names is
 * unreadable, or something else lies there: the disk was enlarged again, or blocks
 * failed. Then only the primary is written, for the end that LBA 1 names, and the next
 * commit replaces or clears the backup there. A write to blocks that failed must not
 * keep LBA 1 from naming an array that a boot can read.
 *
 * A commit that is complete loses nothing. But if the disk is no smaller than it was
 * before the commit, and the live partitions fit, the table is fitted to the disk in the
 * same way: a kernel would find no partitions on it after a reboot. After the reboot the
 * module fits the table only on a person's word, since it knows neither whose commit it
 * was nor what has used the space: the array at home must be the one that LBA 1's CRC
 * identifies. The last partition is cut to end in the disk if it starts there, and no
 * other partition is changed. What lay behind the disk's end is gone.
 *
 * A partition that is cut without a live one keeps a size that is a multiple of
 * LG_GRAIN_MIN, since the new array does not say how large it was before: see
 * lg_policy_cut().
 */
#ifndef LIVEGROW_WITHDRAWN_H
#define LIVEGROW_WITHDRAWN_H

#include <livegrow/live.h>
#include <livegrow/plan.h>

/* The caller's knowledge beside the disk. */
struct lg_withdrawn {
	const struct lg_live *live;	/* the kernel's partitions, in any order */
	u32 nr_live;
	u64 used_last;		/* last LBA of the disk before our newest commits */
	u64 fitted_last;	/* the farthest one that they were for; 0: none, or in use */
	bool is_ordered;	/* a person asked for a recovery */
	bool is_asked;		/* a person asked for this look */
};

enum lg_withdrawn_todo {
	LG_WITHDRAWN_NOTHING,	/* neither of the two tables, or whole as it is */
	LG_WITHDRAWN_ASK,	/* a person's word would do */
	LG_WITHDRAWN_WRITE,	/* lg_plan_withdrawn() */
};

/**
 * lg_withdrawn_find() - could this be a commit whose new end is gone?
 * @table: lba_size and last_lba set; header from lg_table_read_header(), or NULL.
 *	On success array_lba and home_lba are the array's home, array_lbas its length.
 * @reason: why the table is unsound; LIVEGROW_REASON_NONE: the array that LBA 1 names
 *	could not be read
 *
 * Return: true if the array at home, a range inside the disk of at most
 * LG_MAX_ARRAY_BYTES, is worth reading.
 */
bool lg_withdrawn_find(struct lg_table *table, enum livegrow_reason reason);

/**
 * lg_withdrawn_judge() - decide which table LBA 1 is written for
 * @table: lg_withdrawn_find() succeeded. For LG_WITHDRAWN_WRITE it then has the
 *	partitions of that table, and last_lba is the last LBA of the disk that the
 *	table is for: the present one if @goal->relocate, otherwise an earlier or a
 *	later one.
 * @reason: as for lg_withdrawn_find()
 * @array: array_lbas blocks from home_lba on
 * @known: the caller's knowledge
 * @goal: for lg_plan_withdrawn()
 */
enum lg_withdrawn_todo lg_withdrawn_judge(struct lg_table *table, enum livegrow_reason reason,
					  const u8 *array, const struct lg_withdrawn *known,
					  struct lg_goal *goal);

/**
 * lg_plan_withdrawn() - plan the writes that make the table whole again
 * @table: from lg_withdrawn_judge()
 * @goal: from lg_withdrawn_judge()
 * @buffer: lg_plan_buffer_lbas() blocks, kept as long as the plan
 * @plan: the answer; points into @buffer and into the table's blocks
 */
void lg_plan_withdrawn(const struct lg_table *table, const struct lg_goal *goal, u8 *buffer,
		       struct lg_plan *plan);

#endif /* LIVEGROW_WITHDRAWN_H */
