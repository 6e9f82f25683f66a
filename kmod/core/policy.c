// SPDX-License-Identifier: GPL-2.0-only
/* What ought to be done; policy.h has the rules. */
#include <livegrow/marker.h>
#include <livegrow/mbr.h>
#include <livegrow/policy.h>

static u64 subtract(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* The last LBA in front of a backup array that ends a disk at @last_lba. */
static u64 usable_end(const struct lg_table *table, u64 last_lba)
{
	return subtract(last_lba, table->array_lbas + 1);
}

static bool is_displaced(const struct lg_table *table)
{
	return table->alternate != table->last_lba;
}

/* The end of the disk before it grew, as far as header and memory know. */
static u64 old_last(const struct lg_table *table, const struct lg_wish *wish)
{
	return table->alternate < wish->heard_last ? table->alternate : wish->heard_last;
}

/* Free before the disk grew, and more than what an image builder leaves over. */
static bool tail_is_intended(const struct lg_table *table, const struct lg_wish *wish,
			     const struct lg_part *part)
{
	u64 end = old_last(table, wish), usable, tail;

	/* A header that another tool moved since tells of a later end. */
	usable = is_displaced(table) && end == table->alternate ?
		 table->last_usable : usable_end(table, end);
	/* Where somebody has partitioned behind that end since, the rest was left. */
	if (part->last > usable)
		usable = usable_end(table, table->last_lba);
	tail = subtract(usable, part->last);
	return tail * table->lba_size > LG_TAIL_BYTES &&
	       tail * 100 > (end + 1) * LG_TAIL_PER_CENT;
}

/* The largest end of the last partition that is aligned, or the one it has. */
static u64 reach_of(const struct lg_table *table, const struct lg_wish *wish,
		    const struct lg_part *part)
{
	u64 align = wish->align / table->lba_size;
	u64 end = (usable_end(table, table->last_lba) + 1) & ~(align - 1);

	return end > part->last + 1 ? end - 1 : part->last;
}

/* May this partition grow into new space, by its entry alone? */
static enum livegrow_reason part_forbids(const struct lg_table *table,
					 const struct lg_wish *wish,
					 const struct lg_part *part)
{
	const struct lg_gpt_entry *entry = lg_table_entry(table, part->number);
	enum lg_type_class class = lg_type_find(entry->type)->class;

	if (class == LG_TYPE_NEVER || wish->ends_member)
		return LIVEGROW_REASON_PART_TYPE;
	if (le64_to_cpu(entry->attributes) & LG_GPT_ATTR_READ_ONLY)
		return LIVEGROW_REASON_PART_READ_ONLY;
	if (!lg_marker_has_room(table->header, table->lba_size))
		return LIVEGROW_REASON_RESERVED_BYTES;
	if (class == LG_TYPE_CONTENT && !(wish->flags & LIVEGROW_FLAG_CONTENT))
		return LIVEGROW_REASON_PART_CONTENT;
	return LIVEGROW_REASON_NONE;
}

static void set(struct lg_goal *goal, enum livegrow_state state,
		enum livegrow_reason reason)
{
	goal->state = state;
	goal->reason = reason;
}

/* The partition could be larger: may it, and into which space? */
static void decide_growth(const struct lg_table *table, const struct lg_wish *wish,
			  struct lg_goal *goal)
{
	enum livegrow_reason reason = part_forbids(table, wish, goal->part);
	bool take_all = wish->flags & LIVEGROW_FLAG_FREE_TAIL;
	bool is_new = take_all || old_last(table, wish) < table->last_lba;
	bool intended = !take_all && tail_is_intended(table, wish, goal->part);

	if (reason && reason != LIVEGROW_REASON_PART_CONTENT)
		set(goal, LIVEGROW_STATE_BLOCKED, reason);
	else if (intended)
		set(goal, LIVEGROW_STATE_WAITING, LIVEGROW_REASON_FREE_TAIL);
	else if (is_new && reason)
		set(goal, LIVEGROW_STATE_WAITING, reason);
	else if (is_new)
		goal->grow_to = goal->reach;
}

bool lg_policy_backup_fits(const struct lg_table *table)
{
	u64 end = usable_end(table, table->last_lba);

	return end >= table->first_usable &&
	       lg_table_is_free(table, end + 1, table->array_lbas + 1);
}

void lg_policy(const struct lg_table *table, const struct lg_wish *wish,
	       struct lg_goal *goal)
{
	const struct lg_part *part = lg_table_last_part(table);

	*goal = (struct lg_goal){ .state = LIVEGROW_STATE_FULL, .part = part };
	if (part) {
		goal->reach = reach_of(table, wish, part);
		goal->free_tail = subtract(usable_end(table, table->last_lba), part->last);
	}
	if (!lg_policy_backup_fits(table)) {
		if (is_displaced(table))
			set(goal, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NO_ROOM);
		return;
	}
	if (!part)
		set(goal, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NO_PARTITION);
	else if (goal->reach > part->last)
		decide_growth(table, wish, goal);

	/* Whoever waits has new space told from old by the header's place. */
	if (goal->state == LIVEGROW_STATE_WAITING && is_displaced(table))
		return;
	goal->relocate = goal->grow_to || is_displaced(table) || table->backup_torn;
	goal->write = goal->relocate || !lg_mbr_covers(table->mbr, table->last_lba);
}
