// SPDX-License-Identifier: GPL-2.0-or-later
/* Every cut of every write, judged, resumed, and cut again while it resumes. */
#include <inttypes.h>
#include <string.h>

#include "enumerate.h"
#include "firmware.h"
#include "leftover.h"
#include "report.h"

#define TOLD 3 /* failures of a kind that are told in detail */
#define CUT_AGAIN_ONE_IN 24 /* states whose resumption is cut as well */
#define CUTS_AGAIN 6 /* of each of its writes */

/* Failures of the properties, a result each. */
struct tally {
	u64 tables;
	u64 writes;
	u64 resumed;
	u64 again;
	u64 grown;
	u64 firmware;
	u64 forgotten;
	u64 ends; /* of uninterrupted runs */
	u64 headers;
};

struct enumeration {
	struct subject *subject;
	struct counts *counts;
	struct tally bad;
	struct leftovers leftovers;
	u32 random;
	u64 states_of_writes[MAX_WRITES];
	u64 repaired; /* by the firmware */
	struct ram work;
	struct trace resumption;
};

static void tell(u64 nr, const char *what, const struct cut *cut)
{
	const struct write *write = &cut->trace->writes[cut->write];
	char written[CUT_MAX_SECTORS + 1] = "";

	if (nr > TOLD)
		return;
	for (u32 i = 0; i < write->count; i++)
		written[i] = cut->written[i] ? '1' : '0';
	report_note("%s: write %u (step %d, LBA %" PRIu64 "), sectors %s", what, cut->write + 1,
		    write->id, (uint64_t)write->lba, written);
}

static void make_state(struct enumeration *e, const struct cut *cut)
{
	ram_reset(&e->work);
	e->work.disk.last_lba = e->subject->layout->last_lba;
	cut_apply(&e->work, cut);
}

/* Also, the rest of the write would go on where a reboot finds this table. */
static bool judge_state(struct enumeration *e, const struct cut *cut)
{
	const struct disk *disk = &e->work.disk;
	const struct write *write = &cut->trace->writes[cut->write];
	static struct found found;
	bool good = true;

	judge(disk, &found);
	if (!subject_knows(e->subject, &found)) {
		tell(++e->bad.tables, "not the old table and not the new", cut);
		good = false;
	}
	if (write->lba > 1 && !write_is_lawful(disk, &found, write->lba, write->count)) {
		tell(++e->bad.writes, "goes on to write what it must not", cut);
		good = false;
	}
	return good;
}

static bool same_end(const struct enumeration *e, const struct outcome *outcome)
{
	const struct outcome *expected = &e->subject->outcome;

	return outcome->ending == expected->ending && outcome->reason == expected->reason &&
	       !outcome->shrunk;
}

/* Runs to the end. Return: by good writes, to the bytes of an uninterrupted run. */
static bool resume(struct enumeration *e, struct trace *trace, const struct cut *cut)
{
	struct outcome outcome;
	struct kernel kernel;

	subject_boot(e->subject, &e->work, &kernel);
	reconcile(&e->work, &kernel, trace, &outcome);
	if (outcome.unlawful)
		tell(++e->bad.writes, "resumed by a write that must not be", cut);
	return !outcome.unlawful && same_end(e, &outcome) && ram_same(&e->work, &e->subject->final);
}

static void cut_once_more(struct enumeration *e, const struct cut *first, const struct cut *second)
{
	bool good, same;

	make_state(e, first);
	cut_apply(&e->work, second);
	good = judge_state(e, second);
	same = resume(e, NULL, second);
	if (!same)
		tell(++e->bad.again, "cut twice, not the same bytes", second);
	e->counts->states++;
	e->counts->identical += same;
	e->counts->bad += !good || !same;
}

static void cut_resumption(struct enumeration *e, const struct cut *first)
{
	struct cut second = { .trace = &e->resumption };
	struct cuts cuts;

	for (; second.write < e->resumption.nr; second.write++) {
		u32 count = e->resumption.writes[second.write].count;

		for (u32 i = 0; i < CUTS_AGAIN; i++) {
			cuts_begin(&cuts, count, CUTS_AGAIN);
			cuts.next = cuts_random((u32)cuts_total(&cuts));
			cuts_next(&cuts);
			second.written = cuts.written;
			cut_once_more(e, first, &second);
		}
	}
}

static bool resume_state(struct enumeration *e, const struct cut *cut)
{
	bool again = cuts_random(CUT_AGAIN_ONE_IN) == 0, same;

	make_state(e, cut);
	same = resume(e, again ? &e->resumption : NULL, cut);
	e->counts->identical += same;
	if (!same)
		tell(++e->bad.resumed, "resumed, not the same bytes", cut);
	if (again)
		cut_resumption(e, cut);
	trace_free(&e->resumption);
	return same;
}

/* The disk is enlarged before the guest comes up again. */
static bool grow_more(struct enumeration *e, const struct cut *cut, struct direct *direct)
{
	static struct found found;
	struct outcome outcome;
	struct kernel kernel;
	bool good;

	make_state(e, cut);
	e->work.disk.last_lba = direct->last_lba;
	subject_boot(e->subject, &e->work, &kernel);
	reconcile(&e->work, &kernel, NULL, &outcome);
	judge(&e->work.disk, &found);
	good = outcome.ending != ENDED_ASTRAY && !outcome.unlawful &&
	       found_same(&found, &direct->found) &&
	       leftovers_allowed(e->subject, &e->work, direct, &e->leftovers);
	if (!good)
		tell(++e->bad.grown, "grown once more, not as grown at once", cut);
	return good;
}

static bool repair_by_firmware(struct enumeration *e, const struct cut *cut)
{
	make_state(e, cut);
	if (!firmware_repair(&e->work))
		return true;
	e->repaired++;
	if (resume(e, NULL, cut))
		return true;
	tell(++e->bad.firmware, "repaired by the firmware, not the same bytes", cut);
	return false;
}

/*
 * The command is not given again. Whatever the table is then, it has a backup:
 * it had one before.
 */
static bool forget_command(struct enumeration *e, const struct cut *cut)
{
	static struct found found;
	struct outcome outcome;
	struct kernel kernel;

	if (!layout_commanded(e->subject->layout))
		return true;
	make_state(e, cut);
	subject_boot(e->subject, &e->work, &kernel);
	kernel.flags = 0;
	kernel.order.part = 0;
	reconcile(&e->work, &kernel, NULL, &outcome);
	judge(&e->work.disk, &found);
	if (outcome.ending != ENDED_ASTRAY && !outcome.unlawful &&
	    subject_knows(e->subject, &found) && judge_has_backup(&e->work.disk))
		return true;
	tell(++e->bad.forgotten, "not commanded again, and no valid backup is left", cut);
	return false;
}

static void try_cut(struct enumeration *e, const struct cut *cut)
{
	bool good;

	make_state(e, cut);
	good = judge_state(e, cut);
	good &= resume_state(e, cut);
	/* Who orders a partition back does not have its disk enlarged. */
	for (int i = 0; i < NR_MORE && !e->subject->layout->back; i++)
		good &= grow_more(e, cut, &e->subject->more[i]);
	good &= repair_by_firmware(e, cut);
	good &= forget_command(e, cut);
	e->counts->states++;
	e->counts->bad += !good;
}

/* None of a write's sectors is all of the one before it: tried once. */
static void try_write(struct enumeration *e, u32 write)
{
	struct cut cut = { .trace = &e->subject->trace, .write = write };
	u64 before = e->counts->states;
	struct cuts cuts;

	cuts_begin(&cuts, cut.trace->writes[write].count, e->random);
	cut.written = cuts.written;
	if (write)
		cuts_next(&cuts);
	while (cuts_next(&cuts))
		try_cut(e, &cut);
	e->states_of_writes[write] = e->counts->states - before;
}

static void note(const struct enumeration *e)
{
	const struct layout *layout = e->subject->layout;

	for (u32 i = 0; i < e->subject->trace.nr; i++) {
		const struct write *write = &e->subject->trace.writes[i];

		report_note("%s: step %d writes %u LBAs at %" PRIu64 ": %" PRIu64 " states",
			    layout->name, write->id, write->count, (uint64_t)write->lba,
			    (uint64_t)e->states_of_writes[i]);
	}
	report_note("%s: firmware repaired %" PRIu64 " states", layout->name,
		    (uint64_t)e->repaired);
	if (!layout->back)
		leftovers_note(&e->leftovers, layout->name);
}

static void report(const struct enumeration *e)
{
	const char *name = e->subject->layout->name;

	note(e);
	report_result(!e->bad.tables, name, "a reboot finds the old table or the new one");
	report_result(!e->bad.writes, name,
		      "no write touches a partition or the array that LBA 1 names");
	report_result(!e->bad.resumed, name, "resumed, the same bytes");
	report_result(!e->bad.again, name, "cut again while it resumes, the same bytes");
	if (!e->subject->layout->back)
		report_result(!e->bad.grown, name,
			      "grown once more before it resumes, as grown at once");
	report_result(!e->bad.firmware, name, "repaired by the firmware first, the same bytes");
	if (layout_commanded(e->subject->layout))
		report_result(!e->bad.forgotten, name, "not commanded again, a valid backup");
	report_result(!e->bad.ends, name, "uninterrupted, the last partition ends where it should");
	report_result(!e->bad.headers, name, "uninterrupted, no header stays in a partition");
}

u32 enumerate_results(const struct layout *layout)
{
	return 7 + !layout->back + layout_commanded(layout);
}

static bool ended_as_meant(const struct subject *subject)
{
	const struct found_part *last = found_last(&subject->after);

	return subject->outcome.ending != ENDED_ASTRAY && subject->trace.nr &&
	       subject->layout->end == (last ? last->last : 0);
}

static u64 leftover_headers(const struct subject *subject)
{
	u64 nr = leftovers_headers(&subject->final.disk, &subject->after);

	/* Of what new space brought along nothing on the disk tells, and livegrow searches none. */
	if (subject->layout->ghost || subject->layout->back)
		return nr;
	for (int i = 0; i < NR_MORE; i++)
		nr += leftovers_headers(&subject->more[i].final.disk, &subject->more[i].found);
	return nr;
}

void enumerate(struct subject *subject, u32 random, struct counts *counts)
{
	static struct enumeration e;

	memset(&e, 0, sizeof(e));
	e.subject = subject;
	e.counts = counts;
	e.random = random;
	ram_new(&e.work, &subject->base);
	/* The first run's own writes. */
	e.bad.writes = subject->outcome.unlawful;
	e.bad.ends = !ended_as_meant(subject);
	e.bad.headers = leftover_headers(subject);
	counts->bad += e.bad.writes + e.bad.ends + e.bad.headers;
	for (u32 write = 0; write < subject->trace.nr; write++)
		try_write(&e, write);
	report(&e);
	ram_free(&e.work);
}
