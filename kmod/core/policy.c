// SPDX-License-Identifier: GPL-2.0-only
/* What ought to be done; policy.h has the rules. */
#include <livegrow/marker.h>
#include <livegrow/mbr.h>
#include <livegrow/policy.h>

static u64 subtract(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

static bool is_displaced(const struct lg_table *table)
{
	return table->alternate != table->last_lba;
}

/*
 * The end of the disk before it grew, as far as header and memory know. A header that
 * was taken back with the partition tells of a time before that.
 */
static u64 old_last(const struct lg_table *table, const struct lg_wish *wish)
{
	if (wish->live_last)
		return wish->heard_last;
	return table->alternate < wish->heard_last ? table->alternate : wish->heard_last;
}

/* Where the last partition ends, by its entry or live by our doing. */
static u64 part_end(const struct lg_wish *wish, const struct lg_part *part)
{
	return part->last > wish->live_last ? part->last : wish->live_last;
}

/* Of a disk with so many LBAs, those that are to stay unpartitioned at its end. */
static u64 kept_free(const struct lg_table *table, const struct lg_limits *limits, u64 lbas)
{
	u64 bytes = limits->keep_free + (table->lba_size - 1);
	u64 keep = bytes < limits->keep_free ? lbas : bytes / table->lba_size;
	u64 part = lbas / 100 * limits->keep_per_cent +
		   (lbas % 100 * limits->keep_per_cent + 99) / 100;

	return keep > part ? keep : part;
}

/* Free before the disk grew, and more than what an image builder or the alignment leaves over. */
static bool tail_is_intended(const struct lg_table *table, const struct lg_wish *wish,
			     const struct lg_part *part)
{
	u64 end = old_last(table, wish), usable, tail;

	/* A header that another tool moved since tells of a later end. */
	usable = is_displaced(table) && end == table->alternate ?
		 table->last_usable : lg_table_usable_end(table, end);
	/* Where somebody has partitioned behind that end since, the rest was left. */
	if (part_end(wish, part) > usable) {
		end = table->last_lba;
		usable = lg_table_usable_end(table, end);
	}
	usable = subtract(usable, kept_free(table, &wish->limits, end + 1));
	tail = subtract(usable, part_end(wish, part));
	return tail * table->lba_size > LG_TAIL_BYTES && tail * table->lba_size > wish->align &&
	       tail * 100 > (end + 1) * LG_TAIL_PER_CENT;
}

/* Is the last usable LBA short of a backup that ends a disk at @last_lba? */
static bool is_short_of(const struct lg_table *table, u64 last_lba)
{
	u64 usable = lg_table_usable_end(table, last_lba);

	return subtract(usable, table->last_usable) * table->lba_size > LG_RESERVE_BYTES;
}

/* Another tool moved the header after a growth, and left the last usable LBA of before. */
static bool usable_is_stale(const struct lg_table *table, u64 heard_last)
{
	return heard_last < table->alternate &&
	       table->last_usable <= lg_table_usable_end(table, heard_last) &&
	       !is_short_of(table, heard_last);
}

/* Does the header keep the space behind its last usable LBA from partitions? */
static bool has_reserve(const struct lg_table *table, const struct lg_wish *wish,
			const struct lg_part *part)
{
	/* sgdisk -e leaves it so, whatever lies in front of the first usable LBA. */
	u64 mirrored = table->alternate + 1 - table->first_usable;

	return part_end(wish, part) <= table->last_usable && table->last_usable != mirrored &&
	       is_short_of(table, table->alternate) && !usable_is_stale(table, wish->heard_last);
}

/* The grain of a size in LBAs, at most @max bytes; one LBA if the size has none. */
static u64 grain_of(const struct lg_table *table, u64 lbas, u64 max)
{
	u64 bytes = (lbas & (~lbas + 1)) * table->lba_size;

	if (bytes < LG_GRAIN_MIN)
		return 1;
	return (bytes < max ? bytes : max) / table->lba_size;
}

/* The first LBA behind the whole grains, counted from the partition's start, up to @end. */
static u64 behind_grains(const struct lg_part *part, u64 grain, u64 end)
{
	return part->first + ((end + 1 - part->first) & ~(grain - 1));
}

u64 lg_policy_cut(const struct lg_table *table, const struct lg_part *part, u64 end)
{
	u64 max = table->lba_size > LG_GRAIN_MIN ? table->lba_size : LG_GRAIN_MIN;
	u64 grain = grain_of(table, part->last - part->first + 1, max);
	u64 next = end < part->first ? part->first : behind_grains(part, grain, end);

	return next > part->first ? next - 1 : 0;
}

/*
 * The largest end of the last partition at or before @end that is aligned, or the one it
 * has. An aligned end behind an aligned start keeps the grain; behind any other start no
 * end keeps it but one that is counted from there.
 */
static u64 aligned_reach(const struct lg_table *table, const struct lg_wish *wish,
			 const struct lg_part *part, u64 end)
{
	u64 max = wish->align < LG_GRAIN_MAX ? wish->align : LG_GRAIN_MAX;
	u64 align = wish->align / table->lba_size, has = part_end(wish, part), next;
	u64 grain = grain_of(table, has - part->first + 1, max);

	if (end <= has)
		return has;
	if (part->first & (grain - 1))
		next = behind_grains(part, grain, end);
	else
		next = (end + 1) & ~(align - 1);
	return next > has + 1 ? next - 1 : has;
}

/* How far the last partition could grow, and which limit, if any, is in its way there. */
static u64 reach_of(const struct lg_table *table, const struct lg_wish *wish,
		    const struct lg_part *part, enum livegrow_reason *limit)
{
	u64 usable = lg_table_usable_end(table, table->last_lba), end = usable;
	u64 max = wish->limits.max / table->lba_size, reach;

	*limit = LIVEGROW_REASON_NONE;
	end = subtract(end, kept_free(table, &wish->limits, table->last_lba + 1));
	reach = aligned_reach(table, wish, part, end);
	if (reach < aligned_reach(table, wish, part, usable))
		*limit = LIVEGROW_REASON_KEEP_FREE;
	/* Sizes of partitions and disks are below 2^64 bytes: this does not overflow. */
	if (!wish->limits.max || part->first + max > reach)
		return reach;
	*limit = LIVEGROW_REASON_PART_MAX;
	return aligned_reach(table, wish, part, subtract(part->first + max, 1));
}

/* May this partition grow into new space, by its entry, content and use? */
static enum livegrow_reason part_forbids(const struct lg_table *table,
					 const struct lg_wish *wish,
					 const struct lg_part *part)
{
	const struct lg_gpt_entry *entry = lg_table_entry(table, part->number);
	enum lg_type_class class = lg_type_find(entry->type)->class;

	if (class == LG_TYPE_NEVER)
		return LIVEGROW_REASON_PART_TYPE;
	if (wish->endmeta)
		return LIVEGROW_REASON_PART_METADATA;
	if (le64_to_cpu(entry->attributes) & LG_GPT_ATTR_READ_ONLY)
		return LIVEGROW_REASON_PART_READ_ONLY;
	if (!lg_marker_has_room(table->header, table->lba_size))
		return LIVEGROW_REASON_RESERVED_BYTES;
	if (class == LG_TYPE_CONTENT && !(wish->flags & LIVEGROW_FLAG_CONTENT))
		return LIVEGROW_REASON_PART_CONTENT;
	return lg_content_forbids(&wish->holding, wish->flags);
}

/* Does a partition that may not grow for this reason wait for a change of its use? */
static bool is_awaited(enum livegrow_reason reason)
{
	return reason == LIVEGROW_REASON_PART_CONTENT || reason == LIVEGROW_REASON_PART_CLOSED ||
	       reason == LIVEGROW_REASON_MOUNTED_READ_ONLY ||
	       reason == LIVEGROW_REASON_PART_UNKNOWN ||
	       reason == LIVEGROW_REASON_CONTENT_AWAITED;
}

static void set(struct lg_goal *goal, enum livegrow_state state,
		enum livegrow_reason reason)
{
	goal->state = state;
	goal->reason = reason;
}

/* A person's word takes less too. */
static bool is_too_small(const struct lg_table *table, const struct lg_wish *wish,
			 const struct lg_goal *goal)
{
	return (goal->reach - part_end(wish, goal->part)) * table->lba_size <
	       wish->limits.min_step && !(wish->flags & LIVEGROW_FLAG_ASKED);
}

/* The partition could be larger than it is: may it, and into which space? */
static void decide_growth(const struct lg_table *table, const struct lg_wish *wish,
			  struct lg_goal *goal, enum livegrow_reason reason)
{
	bool take_all = wish->flags & LIVEGROW_FLAG_FREE_TAIL;
	bool is_new = take_all || old_last(table, wish) < table->last_lba;
	/* A rule that has become wider says nothing about a reserve: a person has to. */
	bool take_reserve = take_all && wish->flags & LIVEGROW_FLAG_ASKED;

	if ((!take_all && tail_is_intended(table, wish, goal->part)) ||
	    (!take_reserve && has_reserve(table, wish, goal->part)))
		set(goal, LIVEGROW_STATE_WAITING, LIVEGROW_REASON_FREE_TAIL);
	else if (is_new && reason)
		set(goal, LIVEGROW_STATE_WAITING, reason);
	else if (is_new && is_too_small(table, wish, goal))
		set(goal, LIVEGROW_STATE_WAITING, LIVEGROW_REASON_MIN_STEP);
	else if (is_new)
		goal->grow_to = goal->reach;
}

/* Its entry could be larger. What it has live comes first, and alone where no more may. */
static void decide(const struct lg_table *table, const struct lg_wish *wish,
		   struct lg_goal *goal)
{
	enum livegrow_reason reason = part_forbids(table, wish, goal->part);
	u64 has = part_end(wish, goal->part);

	if (reason && !is_awaited(reason)) {
		set(goal, LIVEGROW_STATE_BLOCKED, reason);
		return;
	}
	if (goal->reach > has)
		decide_growth(table, wish, goal, reason);
	if (goal->grow_to || has == goal->part->last)
		return;
	set(goal, LIVEGROW_STATE_FULL, LIVEGROW_REASON_NONE);
	goal->grow_to = has;
}

/* Where nothing grows, is the table to stay as it is? */
static bool is_to_stay(const struct lg_table *table, const struct lg_wish *wish,
		       const struct lg_goal *goal)
{
	if (goal->part && !goal->grow_to && is_displaced(table) &&
	    has_reserve(table, wish, goal->part))
		return true;
	/* Whoever waits has new space told from old by the header's place, or by what was heard. */
	if (goal->state == LIVEGROW_STATE_WAITING)
		return is_displaced(table) || goal->reason == LIVEGROW_REASON_MIN_STEP;
	return goal->state == LIVEGROW_STATE_FULL && goal->reason && wish->is_once;
}

bool lg_policy_backup_fits(const struct lg_table *table)
{
	u64 end = lg_table_usable_end(table, table->last_lba);

	return end >= table->first_usable &&
	       lg_table_is_free(table, end + 1, table->array_lbas + 1);
}

void lg_policy(const struct lg_table *table, const struct lg_wish *given,
	       struct lg_goal *goal)
{
	const struct lg_part *part = lg_table_last_part(table);
	enum livegrow_reason limit = LIVEGROW_REASON_NONE;
	struct lg_wish wish = *given;

	/* On a disk that is smaller again, a partition can be larger than any entry may say. */
	if (wish.live_last > lg_table_usable_end(table, table->last_lba))
		wish.live_last = 0;
	*goal = (struct lg_goal){ .state = LIVEGROW_STATE_FULL, .part = part };
	if (part) {
		goal->reach = reach_of(table, &wish, part, &limit);
		goal->free_tail = subtract(lg_table_usable_end(table, table->last_lba), part->last);
	}
	if (!lg_policy_backup_fits(table)) {
		if (is_displaced(table))
			set(goal, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NO_ROOM);
		return;
	}
	if (!part)
		set(goal, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NO_PARTITION);
	else if (goal->reach > part->last)
		decide(table, &wish, goal);
	else
		set(goal, LIVEGROW_STATE_FULL, limit);

	if (is_to_stay(table, &wish, goal))
		return;
	goal->relocate = goal->grow_to || is_displaced(table) || table->backup_torn;
	goal->write = goal->relocate || !lg_mbr_covers(table->mbr, table->last_lba);
}

bool lg_policy_may_grow(const struct lg_table *table, const struct lg_wish *wish)
{
	struct lg_wish best = *wish;
	struct lg_goal goal;

	best.holding = (struct lg_holding){
		.content = LG_CONTENT_FILESYSTEM,
		.mount = LG_MOUNT_WRITABLE,
	};
	best.endmeta = NULL;
	lg_policy(table, &best, &goal);
	return goal.grow_to || goal.reason == LIVEGROW_REASON_FREE_TAIL ||
	       goal.reason == LIVEGROW_REASON_MIN_STEP;
}
