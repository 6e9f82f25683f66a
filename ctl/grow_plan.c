// SPDX-License-Identifier: GPL-2.0-or-later
/* The dry run of one disk's grow. */

#include <linux/livegrow.h>
#include <livegrow/words.h>

#include "grow.h"
#include "names.h"
#include "plan_disk.h"

/* A person's word has a displaced backup relocated also where nothing can grow. */
static bool would_relocate(const struct grow *g)
{
	const struct record *disk = &g->after;
	bool by_policy = disk->reason == LIVEGROW_REASON_PART_TYPE ||
			 disk->reason == LIVEGROW_REASON_PART_READ_ONLY ||
			 disk->reason == LIVEGROW_REASON_RESERVED_BYTES ||
			 disk->reason == LIVEGROW_REASON_NO_PARTITION;

	return disk->state == LIVEGROW_STATE_BLOCKED && by_policy && !g->all && !g->automatic &&
	       disk->mode != LIVEGROW_MODE_OFF && plan_may_write(disk->disk);
}

static void plan_partition(struct grow *g, const struct plan_end *end)
{
	char name[NAME_SIZE + 12];

	partition_name(g->look.disk, end->number, name, sizeof(name));
	plan_row_sizes(g->plan, name, LIVEGROW_STEP_PARTITION,
		       lg_step_words(LIVEGROW_STEP_PARTITION), end->from, end->to);
	g->reach = end->to;
	g->changed = true;
}

/**
 * grow_plan() - what a grow would do to the table and the last partition
 * @g: the disk, after the module's dry run; receives what would be
 * @flags: enum livegrow_flags of that
 *
 * The module tells that it would write, and not how its disk is after that.
 *
 * Returns 0 or a negative errno.
 */
int grow_plan(struct grow *g, uint32_t flags)
{
	struct plan_word word = { .flags = flags, .limits = record_limits(&g->after) };
	struct plan_end end;
	int r;

	if (!record_would_write(&g->after) && !would_relocate(g))
		return 0;
	if (g->look.bounds)
		lg_limits_bound(&word.limits, g->look.bounds);
	r = plan_of_disk(&g->after, &word, g->plan, &end);
	if (r < 0)
		return r;
	g->changed = end.writes;
	if (end.number && end.to > end.from)
		plan_partition(g, &end);
	if (end.reason == LIVEGROW_REASON_NONE || !record_would_write(&g->after))
		return 0;
	g->after.state = end.state;
	g->after.reason = end.reason;
	plan_end_words(&end, g->look.disk, g->after.reason_text, sizeof(g->after.reason_text));
	return 0;
}
