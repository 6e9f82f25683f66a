// SPDX-License-Identifier: GPL-2.0-only
/* Decide what becomes of a commit whose new end is gone; withdrawn.h has the rules. */
#include <livegrow/marker.h>
#include <livegrow/policy.h>
#include <livegrow/withdrawn.h>

/* No disk has a byte beyond 2^63, and sums of such LBAs do not overflow. */
#define MAX_LBA_BITS	54
#define MAX_LBA		(BIT_ULL(MAX_LBA_BITS) - 1)

static bool ranges_are_sane(const struct lg_table *table)
{
	return table->first_usable <= table->last_usable &&
	       table->last_usable < table->alternate && !(table->alternate >> MAX_LBA_BITS);
}

static bool could_be(const struct lg_table *table, u64 marked, enum livegrow_reason reason)
{
	/* A complete commit is only cut off; its array lies at home. */
	if (!marked)
		return reason == LIVEGROW_REASON_SHRUNK && table->alternate > table->last_lba;
	return reason == LIVEGROW_REASON_NONE || reason == LIVEGROW_REASON_SHRUNK ||
	       reason == LIVEGROW_REASON_PRIMARY_DAMAGED;
}

bool lg_withdrawn_find(struct lg_table *table, enum livegrow_reason reason)
{
	u64 marked, home;

	if (!table->header || !ranges_are_sane(table))
		return false;
	/* A marker beside an array at home is a copy that another tool made. */
	marked = lg_table_is_home(table, table->array_lba) ?
		 0 : lg_marker_read(table->header, table->lba_size);
	if (!could_be(table, marked, reason))
		return false;
	home = marked ? marked : table->array_lba;
	if (!lg_table_is_home(table, home) || home > table->last_lba ||
	    table->array_lbas > table->last_lba + 1 - home)
		return false;
	table->unfinished = marked != 0;
	table->array_lba = home;
	table->home_lba = home;
	return true;
}

/* The last LBA of a live partition, or 0. */
static u64 live_end(const struct lg_table *table, const struct lg_withdrawn *known,
		    const struct lg_part *part)
{
	const struct lg_live *live = lg_live_find(known->live, known->nr_live, part->number);
	u32 sectors_per_lba = table->lba_size / 512;

	if (!live || !live->nr_sectors || live->nr_sectors % sectors_per_lba)
		return 0;
	return part->first + live->nr_sectors / sectors_per_lba - 1;
}

static enum lg_withdrawn_todo trust(const struct lg_table *table, const struct lg_part *last,
				    const struct lg_withdrawn *known)
{
	if (!known->nr_live)
		return known->is_ordered ? LG_WITHDRAWN_WRITE : LG_WITHDRAWN_ASK;
	if (lg_live_agrees_but(table, known->live, known->nr_live, last->number) &&
	    live_end(table, known, last))
		return LG_WITHDRAWN_WRITE;
	return LG_WITHDRAWN_NOTHING;
}

/* The end that the last partition is to have. */
static u64 choose_end(const struct lg_table *table, const struct lg_part *last,
		      const struct lg_withdrawn *known, bool is_new)
{
	u64 usable = lg_table_usable_end(table, table->last_lba);
	/* A kernel refuses a complete table whose last usable LBA lies behind the disk. */
	bool is_refused = !table->unfinished && table->last_usable > table->last_lba;
	bool fits = last->last <= (is_refused ? usable : table->last_lba);
	u64 cut;

	if (known->nr_live && !(is_new && fits))
		return live_end(table, known, last);
	/*
	 * No kernel knows the partition's old end. It was made on a smaller disk, so up to
	 * the end of this one it has all of its content.
	 */
	cut = fits ? 0 : lg_policy_cut(table, last, usable);
	return cut ?: last->last;
}

/* The commit was ours, and nothing has used its space. */
static bool is_back(const struct lg_table *table, const struct lg_withdrawn *known)
{
	return table->alternate <= known->fitted_last && known->used_last <= table->last_lba;
}

/*
 * A complete table is written again if nothing is lost by that, or if a person says so
 * and no kernel has the partitions: what the disk has lost of the last one is gone.
 */
static bool is_due(const struct lg_table *table, const struct lg_withdrawn *known,
		   const struct lg_part *last, u64 end)
{
	if (end > lg_table_usable_end(table, table->last_lba) ||
	    !lg_marker_has_room(table->header, table->lba_size))
		return false;
	if (!known->nr_live)
		return known->is_ordered;
	if (known->is_asked && end == last->last && live_end(table, known, last) <= end)
		return true;
	return is_back(table, known);
}

/*
 * The entries were sound on a longer disk. It may have been longer still than the one
 * that LBA 1 is for, if the host has withdrawn more than once.
 */
static enum livegrow_reason read_entries(struct lg_table *table, const u8 *array)
{
	u64 last_lba = table->last_lba, last_usable = table->last_usable;
	enum livegrow_reason reason;

	table->last_lba = MAX_LBA;
	table->last_usable = MAX_LBA;
	reason = lg_table_read_entries(table, array);
	table->last_lba = last_lba;
	table->last_usable = last_usable;
	return reason;
}

static void set_end(struct lg_table *table, u32 number, u64 end)
{
	u32 i;

	for (i = 0; i < table->nr_parts; i++)
		if (table->parts[i].number == number)
			table->parts[i].last = end;
}

static void set_goal(struct lg_table *table, const struct lg_part *last, u64 end,
		     struct lg_goal *goal)
{
	bool keeps_end = table->alternate <= table->last_lba &&
			 end <= lg_table_usable_end(table, table->alternate);

	*goal = (struct lg_goal){
		.write = true, .part = last, .grow_to = end == last->last ? 0 : end,
		.relocate = !keeps_end && end <= lg_table_usable_end(table, table->last_lba),
	};
	table->unfinished = false;
	set_end(table, last->number, end);
	if (keeps_end)
		table->last_lba = table->alternate;
	else if (!goal->relocate)
		table->last_lba = end + table->array_lbas + 1;
}

enum lg_withdrawn_todo lg_withdrawn_judge(struct lg_table *table, enum livegrow_reason reason,
					  const u8 *array, const struct lg_withdrawn *known,
					  struct lg_goal *goal)
{
	bool is_new = lg_table_array_is_named(table, array);
	enum lg_withdrawn_todo todo;
	const struct lg_part *last;
	u64 end;

	/* The array that LBA 1 names may be readable next time, and is the newer one. */
	if (!is_new && (!table->unfinished || reason == LIVEGROW_REASON_NONE))
		return LG_WITHDRAWN_NOTHING;
	if (read_entries(table, array))
		return LG_WITHDRAWN_NOTHING;
	last = lg_table_last_part(table);
	todo = last ? trust(table, last, known) : LG_WITHDRAWN_NOTHING;
	if (todo == LG_WITHDRAWN_NOTHING)
		return todo;
	end = choose_end(table, last, known, is_new);
	if (!table->unfinished && !is_due(table, known, last, end))
		return LG_WITHDRAWN_NOTHING;
	if (todo == LG_WITHDRAWN_WRITE)
		set_goal(table, last, end, goal);
	return todo;
}
