/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one shrink: the last partition goes back to a size that it had, because a
 * person says so. The table is committed as for a growth, with another end; the
 * backup stays at, or goes to, the disk's end.
 */
#ifndef LIVEGROW_ROLLBACK_H
#define LIVEGROW_ROLLBACK_H

#include <livegrow/live.h>
#include <livegrow/policy.h>

/* What is ordered, in bytes. */
struct lg_rollback {
	u32 part;		/* 0: nothing is */
	u64 start;		/* where it starts, and stays */
	u64 size;		/* to go back to */
};

enum lg_rollback_todo {
	LG_ROLLBACK_REFUSED,
	LG_ROLLBACK_TABLE,	/* commit the goal */
	LG_ROLLBACK_LIVE,	/* the table says so already, the live partition not yet */
	LG_ROLLBACK_DONE,	/* both do */
};

/**
 * lg_rollback_judge() - what an order needs next
 * @table: a sound table that the kernel agrees with but for the size of its last
 *	partition, no commit unfinished
 * @live: its last partition as the kernel has it, or NULL
 * @order: what is ordered
 * @goal: for lg_plan_commit(), where the answer is LG_ROLLBACK_TABLE
 *
 * Refused is whatever would make the partition larger, in the table or live.
 */
enum lg_rollback_todo lg_rollback_judge(const struct lg_table *table,
					const struct lg_live *live,
					const struct lg_rollback *order,
					struct lg_goal *goal);

#endif /* LIVEGROW_ROLLBACK_H */
