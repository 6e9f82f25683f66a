// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The disk ends earlier after step k. The guest stays up, or the power goes as well;
 * the disk stays small, or is enlarged again, by zeros. The end of the disk is
 * anywhere from one LBA less than the grow was to, down to the middle of a partition.
 */
#include <inttypes.h>
#include <string.h>

#include "leftover.h"
#include "report.h"
#include "withdrawals.h"

#define TOLD 3
#define MAX_SIZES 16

enum property {
	STAYS_UP, /* the module mends the table on the smaller disk */
	ENLARGED, /* and grows it once the disk is enlarged again */
	OFF_SMALL, /* the power goes; a person has the small disk recovered */
	OFF_ENLARGED, /* the power goes, and the disk is enlarged before the boot */
	CUT_AGAIN, /* the power goes while the module mends the table */
	TWICE, /* the host takes the rest back while the module mends the table */
	UNREADABLE, /* the disk keeps its size, but LBA 1 names blocks that have failed */
	NR_PROPERTIES
};

static const char *const names[NR_PROPERTIES] = {
	[STAYS_UP] = "withdrawn, a table on the smaller disk",
	[ENLARGED] = "withdrawn and enlarged again, as grown at once",
	[OFF_SMALL] = "withdrawn, the power gone, a table at a person's word",
	[OFF_ENLARGED] = "withdrawn, the power gone, enlarged again, as grown at once",
	[CUT_AGAIN] = "withdrawn, cut while the table is mended, a table",
	[TWICE] = "withdrawn twice, a table on the smaller disk",
	[UNREADABLE] = "the array at the end unreadable, a table, and later as grown at once",
};

struct trial {
	struct subject *subject;
	struct shrink shrink;
	struct kernel kernel;
	struct ram work;
	struct ram saved;
	struct trace trace; /* of the run in which the disk shrinks */
	u64 states;
	u64 bad[NR_PROPERTIES];
};

static u64 old_last(const struct trial *t)
{
	return t->subject->layout->spec.last_lba;
}

static u64 new_last(const struct trial *t)
{
	return t->subject->layout->last_lba;
}

/* The last LBA of the smallest disk with these partitions and a backup. */
static u64 smallest(const struct trial *t, const struct found *found)
{
	const struct found_part *last = found_last(found);

	return (last				      ? last->last :
		t->subject->layout->spec.first_usable ?:
							34) +
	       layout_array_lbas(t->subject->layout) + 1;
}

static void fail(struct trial *t, enum property property, const char *why)
{
	if (++t->bad[property] <= TOLD)
		report_note("%s: %s: after %u writes, last LBA %" PRIu64 ": %s",
			    t->subject->layout->name, names[property], t->shrink.after,
			    (uint64_t)t->shrink.last_lba, why);
}

/* Does the last partition end where a growth to the disk's end, or its cut, may leave it? */
static bool end_is_allowed(const struct trial *t, const struct found_part *was, u64 now)
{
	/* A person had it recovered on a disk without room for the old partition and a backup. */
	bool is_cut = t->shrink.last_lba < smallest(t, &t->subject->before);
	u32 lbas = LG_GRAIN_MIN / t->work.disk.lba_size ?: 1;

	/* Nothing says any more that the old size was no multiple of 4096 bytes. */
	if ((was->last + 1 - was->first) % lbas && now + lbas > was->last && now < was->last)
		return true;
	return now == was->last || now == found_last(&t->subject->after)->last || is_cut ||
	       (!t->subject->layout->back && now > was->last);
}

/* The partitions of before; only the last one's end may be another. */
static bool is_a_table(const struct trial *t, const struct found *found)
{
	const struct found *before = &t->subject->before;
	const struct found_part *last = found_last(before), *was, *now;

	if (!found->table || found->nr_parts != before->nr_parts)
		return false;
	for (u32 i = 0; i < found->nr_parts; i++) {
		was = &before->parts[i];
		now = &found->parts[i];
		if (now->number != was->number || memcmp(now->entry, was->entry, E_LAST) != 0 ||
		    memcmp(now->entry + E_ATTRIBUTES, was->entry + E_ATTRIBUTES,
			   FOUND_ENTRY_SIZE - E_ATTRIBUTES) != 0)
			return false;
		if (was == last ? !end_is_allowed(t, was, now->last) : now->last != was->last)
			return false;
	}
	return true;
}

/*
 * On the disk as it is, if the live partitions fit there with a backup; otherwise on
 * one that is as large as LBA 1 says.
 */
static bool has_table(struct trial *t, bool fits)
{
	u64 last_lba = t->work.disk.last_lba, alternate;
	static struct found found;
	bool good;

	alternate = get_le(disk_at(&t->work.disk, 1) + H_ALTERNATE, 8);
	if (!fits && alternate > last_lba && alternate <= t->subject->base.last_lba)
		t->work.disk.last_lba = alternate;
	judge(&t->work.disk, &found);
	good = is_a_table(t, &found);
	t->work.disk.last_lba = last_lba;
	return good;
}

static bool is_in_order(const struct outcome *outcome)
{
	return outcome->ending != ENDED_ASTRAY && !outcome->unlawful && !outcome->shrunk;
}

/* The partition has grown live if the disk shrank after the end of the run. */
static bool grew_live(const struct trial *t)
{
	return t->shrink.after > t->subject->trace.nr;
}

/*
 * Is a boot of the smaller disk to find partitions? A disk that shrank by what was in
 * use is left as it is, and finds them when it is enlarged again.
 */
static bool is_due(const struct trial *t)
{
	return !grew_live(t) && t->subject->before.nr_parts && t->shrink.last_lba >= old_last(t) &&
	       t->shrink.last_lba >= smallest(t, &t->subject->before);
}

/* Runs the grow, and has the disk shrink in it or right after it. */
static void withdraw(struct trial *t, struct trace *trace, struct outcome *outcome)
{
	ram_reset(&t->work);
	t->work.disk.last_lba = old_last(t);
	subject_boot(t->subject, &t->work, &t->kernel);
	t->work.disk.last_lba = new_last(t);
	if (!grew_live(t)) {
		reconcile_shrinking(&t->work, &t->kernel, &t->shrink, trace, outcome);
		return;
	}
	reconcile(&t->work, &t->kernel, NULL, outcome);
	ram_shrink(&t->work, t->shrink.last_lba);
	reconcile(&t->work, &t->kernel, trace, outcome);
}

static void try_up(struct trial *t, struct trace *trace)
{
	struct outcome outcome;

	withdraw(t, trace, &outcome);
	t->states++;
	if (!is_in_order(&outcome))
		fail(t, STAYS_UP, "astray, or a write that must not be");
	else if (!has_table(t, is_due(t)))
		fail(t, STAYS_UP, "no table");
}

/* A person says that all is well. */
static bool ends_as(struct trial *t, u64 last_lba, const struct found *expected)
{
	static struct found found;
	struct outcome outcome;

	t->work.disk.last_lba = last_lba;
	t->kernel.flags |= LIVEGROW_FLAG_ASKED;
	reconcile(&t->work, &t->kernel, NULL, &outcome);
	judge(&t->work.disk, &found);
	if (!is_in_order(&outcome) || !judge_has_backup(&t->work.disk))
		return false;
	/* After a rollback the module asks before it grows; here it does not. */
	return t->subject->layout->back ? found.table : found_same(&found, expected);
}

static void try_enlarged(struct trial *t)
{
	ram_copy(&t->saved, &t->work);
	t->states += 2;
	if (!ends_as(t, new_last(t), &t->subject->after))
		fail(t, ENLARGED, "to where it was");
	if (t->subject->layout->back)
		return;
	withdraw(t, NULL, &(struct outcome){ 0 });
	if (!ends_as(t, t->subject->more[1].last_lba, &t->subject->more[1].found))
		fail(t, ENLARGED, "to more");
}

/* growctl has the module recover the table, has the kernel read it, and asks again. */
static void recover_by_word(struct trial *t)
{
	struct outcome outcome;

	for (int boot = 0; boot < 2; boot++) {
		subject_boot(t->subject, &t->work, &t->kernel);
		t->kernel.flags |= LIVEGROW_FLAG_RECOVER | LIVEGROW_FLAG_ASKED;
		reconcile(&t->work, &t->kernel, NULL, &outcome);
	}
}

/* The state that a power cut leaves if it comes with the withdrawal. */
static void power_off(struct trial *t, u64 last_lba)
{
	struct cut cut = { .trace = &t->subject->trace, .write = t->shrink.after };
	static bool written[CUT_MAX_SECTORS];

	ram_reset(&t->work);
	t->work.disk.last_lba = new_last(t);
	cut.written = written;
	/* Part of the write that the disk shrank in, of the few sectors that differ. */
	if (cut.write < cut.trace->nr) {
		for (u32 i = 0; i < cut.trace->writes[cut.write].count; i++)
			written[i] = cut.trace->writes[cut.write].lba > 1 && cuts_random(2);
		cut_apply(&t->work, &cut);
	} else {
		ram_copy(&t->work, &t->subject->final);
	}
	ram_shrink(&t->work, t->shrink.last_lba);
	t->work.disk.last_lba = last_lba;
}

/* Has the disk room for a part of the last partition, of 4096 bytes, and a backup behind it? */
static bool can_be_cut(const struct trial *t)
{
	const struct found_part *last = found_last(&t->subject->before);
	u64 grain = LG_GRAIN_MIN / t->work.disk.lba_size ?: 1;

	return last &&
	       t->shrink.last_lba >= last->first + grain + layout_array_lbas(t->subject->layout);
}

/* A boot of the smaller disk finds a table, whatever the disk has lost. */
static void recover_small(struct trial *t, enum property property)
{
	recover_by_word(t);
	t->states++;
	if (!has_table(t, can_be_cut(t)))
		fail(t, property, "no table");
}

static void try_off_small(struct trial *t)
{
	power_off(t, t->shrink.last_lba);
	recover_small(t, OFF_SMALL);
}

static void try_off_enlarged(struct trial *t)
{
	power_off(t, new_last(t));
	recover_by_word(t);
	t->states++;
	/* Nothing on the disk says any more which space is new. */
	t->kernel.flags |= LIVEGROW_FLAG_FREE_TAIL;
	if (!ends_as(t, new_last(t), &t->subject->after))
		fail(t, OFF_ENLARGED, "not as grown at once");
}

/* Writes of the module after the disk shrank, and the power goes between them. */
static void try_cut_again(struct trial *t)
{
	u32 first = grew_live(t) ? 0 : t->shrink.after;

	for (u32 nr = first; nr < t->trace.nr; nr++) {
		ram_reset(&t->work);
		t->work.disk.last_lba = new_last(t);
		for (u32 i = 0; i <= nr; i++) {
			const struct write *write = &t->trace.writes[i];

			if (i == first)
				ram_shrink(&t->work, t->shrink.last_lba);
			ram_write(&t->work, write->lba, write->count, write->data);
		}
		recover_small(t, CUT_AGAIN);
	}
}

/* Has a partition grown live to where the second shrink cuts it off? */
static bool outlives(const struct trial *t, const struct shrink *second)
{
	u64 sectors = (second->last_lba + 1) * (t->work.disk.lba_size / 512);

	for (u32 i = 0; i < t->kernel.nr_live; i++)
		if (t->kernel.live[i].start + t->kernel.live[i].nr_sectors > sectors)
			return true;
	return false;
}

/* To the old size, after each write from the first withdrawal on. */
static void try_twice(struct trial *t)
{
	struct shrink second = { .last_lba = old_last(t) };
	struct outcome outcome;

	for (second.after = t->shrink.after + 1; second.after <= t->trace.nr; second.after++) {
		t->shrink.next = &second;
		withdraw(t, NULL, &outcome);
		t->shrink.next = NULL;
		t->states++;
		if (!is_in_order(&outcome))
			fail(t, TWICE, "astray, or a write that must not be");
		else if (!has_table(t, t->subject->before.nr_parts && !outlives(t, &second)))
			fail(t, TWICE, "no table");
	}
}

/* Return: LBA 1 names the array in front of the new end. */
static bool stop_after_switch(struct trial *t, u64 last_lba)
{
	const struct write *write = t->subject->trace.writes;
	u64 array = new_last(t) - layout_array_lbas(t->subject->layout);

	ram_reset(&t->work);
	t->work.disk.last_lba = old_last(t);
	subject_boot(t->subject, &t->work, &t->kernel);
	t->work.disk.last_lba = last_lba;
	for (u32 i = 0; i < t->shrink.after; i++, write++)
		ram_write(&t->work, write->lba, write->count, write->data);
	t->work.bad_lba = array;
	t->work.nr_bad = new_last(t) - array;
	return get_le(disk_at(&t->work.disk, 1) + H_ARRAY_LBA, 8) == array;
}

/* The module mends LBA 1 as soon as the array at home is the new one, and else waits. */
static void try_unreadable(struct trial *t, u64 last_lba, const struct found *expected)
{
	bool is_home_new, is_a_table_there;
	static struct found found;
	struct outcome outcome;

	t->shrink.last_lba = last_lba;
	if (!stop_after_switch(t, last_lba))
		return;
	is_home_new = t->subject->trace.writes[t->shrink.after - 1].id == LIVEGROW_STEP_HOME_ARRAY;
	reconcile(&t->work, &t->kernel, NULL, &outcome);
	judge(&t->work.disk, &found);
	is_a_table_there = found_same(&found, &t->subject->after) &&
			   found.array_lba == t->subject->before.array_lba;
	t->states++;
	if (!is_in_order(&outcome) || is_home_new != is_a_table_there ||
	    is_home_new != (outcome.writes == 1))
		fail(t, UNREADABLE, "while it is unreadable");
	t->work.nr_bad = 0;
	if (!ends_as(t, last_lba, expected) || leftovers_headers(&t->work.disk, expected))
		fail(t, UNREADABLE, "once it is readable");
}

static void try_all_unreadable(struct trial *t)
{
	for (t->shrink.after = 0; t->shrink.after <= t->subject->trace.nr; t->shrink.after++) {
		try_unreadable(t, new_last(t), &t->subject->after);
		for (int i = 0; i < NR_MORE && !t->subject->layout->back; i++)
			try_unreadable(t, t->subject->more[i].last_lba, &t->subject->more[i].found);
	}
}

static void try_size(struct trial *t)
{
	try_up(t, &t->trace);
	try_enlarged(t);
	if (!grew_live(t)) {
		try_off_small(t);
		try_off_enlarged(t);
		try_cut_again(t);
		if (t->shrink.last_lba > old_last(t))
			try_twice(t);
	}
	trace_free(&t->trace);
}

static u32 add_size(const struct trial *t, u64 *sizes, u32 nr, u64 last_lba)
{
	if (last_lba >= new_last(t) || last_lba <= layout_array_lbas(t->subject->layout) + 8)
		return nr;
	for (u32 i = 0; i < nr; i++)
		if (sizes[i] == last_lba)
			return nr;
	sizes[nr] = last_lba;
	return nr + 1;
}

static u32 choose_sizes(const struct trial *t, u64 sizes[MAX_SIZES])
{
	u64 array = layout_array_lbas(t->subject->layout), tight = smallest(t, &t->subject->before);
	u32 nr = 0;

	nr = add_size(t, sizes, nr, new_last(t) - 1);
	nr = add_size(t, sizes, nr, new_last(t) - array);
	nr = add_size(t, sizes, nr, new_last(t) - array - 1);
	nr = add_size(t, sizes, nr, new_last(t) - array - 2);
	nr = add_size(t, sizes, nr, (old_last(t) + new_last(t)) / 2);
	nr = add_size(t, sizes, nr, old_last(t) + 1);
	nr = add_size(t, sizes, nr, old_last(t));
	nr = add_size(t, sizes, nr, old_last(t) - 1);
	nr = add_size(t, sizes, nr, tight);
	nr = add_size(t, sizes, nr, tight - 1);
	nr = add_size(t, sizes, nr, tight - array - 1);
	nr = add_size(t, sizes, nr, tight - array - 2);
	return add_size(t, sizes, nr, tight / 2);
}

u32 withdrawals_results(const struct layout *layout)
{
	(void)layout;
	return NR_PROPERTIES;
}

void withdrawals(struct subject *subject, struct counts *counts)
{
	static struct trial t;
	u64 sizes[MAX_SIZES], bad = 0;
	u32 nr;

	t = (struct trial){ .subject = subject };
	ram_new(&t.work, &subject->base);
	ram_new(&t.saved, &subject->base);
	nr = choose_sizes(&t, sizes);
	for (u32 after = 0; after <= subject->trace.nr + 1; after++) {
		for (u32 i = 0; i < nr; i++) {
			t.shrink = (struct shrink){ .after = after, .last_lba = sizes[i] };
			try_size(&t);
		}
	}
	try_all_unreadable(&t);
	for (int i = 0; i < NR_PROPERTIES; i++) {
		report_result(!t.bad[i], subject->layout->name, names[i]);
		bad += t.bad[i];
	}
	report_note("%s: withdrawn: %" PRIu64 " states", subject->layout->name, (uint64_t)t.states);
	counts->states += t.states;
	counts->bad += bad;
	ram_free(&t.work);
	ram_free(&t.saved);
}
