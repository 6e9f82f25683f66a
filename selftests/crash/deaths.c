// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Until LBA 1 is valid again a valid backup stands; from then on it is a grow like
 * any other. Whatever the cut leaves, a person's command after the reboot brings
 * the disk to where it would be if its primary had never died.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deaths.h"
#include "report.h"

#define TOLD 3
#define ONE_IN 4 /* of the random subsets that an undisturbed grow gets */

static const struct death {
	const char *name;
	bool header_gone;
	bool header_flipped;
	bool array_gone;
	bool array_flipped;
} deaths_known[] = {
	{ .name = "the header's CRC", .header_flipped = true },
	{ .name = "the array", .array_flipped = true },
	{ .name = "the header gone", .header_gone = true },
	{ .name = "header and array gone", .header_gone = true, .array_gone = true },
};

#define NR_DEATHS (sizeof(deaths_known) / sizeof(deaths_known[0]))

struct trial {
	struct subject *subject;
	const struct death *death;
	struct ram work;
	struct trace trace;
	u64 states;
	u64 bad;
};

static void damage(struct ram *ram, u64 lba, u64 count, bool zero)
{
	static u8 bytes[CUT_MAX_SECTORS * 512];

	memcpy(bytes, disk_at(&ram->disk, lba), count * ram->disk.lba_size);
	if (zero)
		memset(bytes, 0, count * ram->disk.lba_size);
	else
		bytes[H_CRC] ^= 1;
	ram_write(ram, lba, count, bytes);
}

static void die(struct trial *t)
{
	const struct death *death = t->death;
	u64 array;

	ram_reset(&t->work);
	t->work.disk.last_lba = t->subject->layout->last_lba;
	array = get_le(disk_at(&t->work.disk, 1) + H_ARRAY_LBA, 8);
	if (death->array_gone || death->array_flipped)
		damage(&t->work, array, layout_array_lbas(t->subject->layout), death->array_gone);
	if (death->header_gone || death->header_flipped)
		damage(&t->work, 1, 1, death->header_gone);
}

static u64 old_last(const struct trial *t)
{
	return t->subject->layout->spec.last_lba;
}

static u64 backup_array(const struct trial *t)
{
	return get_le(disk_at(&t->subject->base, old_last(t)) + H_ARRAY_LBA, 8);
}

/* Some layouts' backup is none, or has no array of its own that could be copied. */
static bool backup_survives(struct trial *t)
{
	die(t);
	return judge_has_table(&t->work.disk, old_last(t)) &&
	       backup_array(t) != t->subject->before.array_lba;
}

/* After a reboot, nothing but LBA 0 or LBA 1 tells where the old end was. */
static bool is_named(const struct trial *t)
{
	const struct layout *layout = t->subject->layout;

	return !t->death->header_gone || layout->last_lba == layout->spec.last_lba ||
	       (!layout->spec.mbr_size && !layout->ghost);
}

/* Where nothing says where the array was, LBA 2 is as good. */
static bool is_as_expected(const struct trial *t)
{
	static struct found found;

	if (!t->death->header_gone || !t->subject->layout->spec.array_lba)
		return ram_same(&t->work, &t->subject->final);
	judge(&t->work.disk, &found);
	return found_same(&found, &t->subject->after) && judge_has_backup(&t->work.disk);
}

static void run(struct trial *t, struct kernel *kernel, struct trace *trace,
		struct outcome *outcome)
{
	kernel->flags |= LIVEGROW_FLAG_RECOVER;
	reconcile(&t->work, kernel, trace, outcome);
}

/* While it is up: the kernel has its partitions. */
static void recover_live(struct trial *t, struct outcome *outcome)
{
	struct kernel kernel;

	ram_reset(&t->work);
	t->work.disk.last_lba = old_last(t);
	subject_boot(t->subject, &t->work, &kernel);
	die(t);
	run(t, &kernel, &t->trace, outcome);
}

static bool recover_after_reboot(struct trial *t)
{
	struct outcome outcome;
	struct kernel kernel;

	subject_boot(t->subject, &t->work, &kernel);
	run(t, &kernel, NULL, &outcome);
	if (outcome.reason == LIVEGROW_REASON_TABLE_DIFFERS) {
		/* growctl has the kernel read the table, and asks again. */
		subject_boot(t->subject, &t->work, &kernel);
		run(t, &kernel, NULL, &outcome);
	}
	return outcome.ending == t->subject->outcome.ending && !outcome.unlawful &&
	       is_as_expected(t);
}

static bool stands(const struct trial *t)
{
	static struct found found;

	judge(&t->work.disk, &found);
	if (!found.table)
		return judge_has_table(&t->work.disk, old_last(t));
	return found_same(&found, &t->subject->before) || found_same(&found, &t->subject->after);
}

static void try_cut(struct trial *t, const struct cut *cut, struct counts *counts)
{
	bool good, same;

	die(t);
	cut_apply(&t->work, cut);
	good = stands(t);
	same = is_named(t) ? recover_after_reboot(t) : true;
	t->states++;
	t->bad += !good || !same;
	counts->states++;
	counts->bad += !good || !same;
	if ((!good || !same) && t->bad <= TOLD)
		report_note("%s, %s: write %u: %s", t->subject->layout->name, t->death->name,
			    cut->write + 1,
			    good ? "not as if it had lived" : "no table, no backup");
}

static void try_cuts(struct trial *t, u32 random, struct counts *counts)
{
	struct cut cut = { .trace = &t->trace };
	struct cuts cuts;

	for (; cut.write < t->trace.nr; cut.write++) {
		cuts_begin(&cuts, t->trace.writes[cut.write].count, random / ONE_IN);
		cut.written = cuts.written;
		while (cuts_next(&cuts))
			try_cut(t, &cut, counts);
	}
}

/* Not over a partition, nor over the backup that it is taken from. */
static bool spares(const struct trial *t, const struct write *write)
{
	return !found_hits(&t->subject->before, write->lba, write->count) &&
	       !ranges_meet(write->lba, write->count, old_last(t), 1) &&
	       !ranges_meet(write->lba, write->count, backup_array(t),
			    layout_array_lbas(t->subject->layout));
}

static bool recovers(struct trial *t, u32 random, struct counts *counts)
{
	struct outcome outcome;
	bool good;

	recover_live(t, &outcome);
	good = outcome.ending == t->subject->outcome.ending && !outcome.unlawful &&
	       t->trace.nr > 2 && is_as_expected(t) && spares(t, &t->trace.writes[0]) &&
	       t->trace.writes[1].lba == 1;
	try_cuts(t, random, counts);
	return good && !t->bad;
}

/* Of nothing comes nothing, and nothing is written. */
static bool refuses(struct trial *t)
{
	struct outcome outcome;

	recover_live(t, &outcome);
	return outcome.ending == ENDED_REFUSED && !t->trace.nr;
}

u32 deaths_results(const struct layout *layout)
{
	(void)layout;
	return NR_DEATHS;
}

void deaths(struct subject *subject, u32 random, struct counts *counts)
{
	static struct trial t;
	char name[64];
	bool good;

	for (u32 i = 0; i < NR_DEATHS; i++) {
		t = (struct trial){ .subject = subject, .death = &deaths_known[i] };
		ram_new(&t.work, &subject->base);
		good = backup_survives(&t) ? recovers(&t, random, counts) : refuses(&t);
		counts->bad += !good && !t.bad;
		report_note("%s, dead by %s: %u writes, %" PRIu64 " states", subject->layout->name,
			    t.death->name, t.trace.nr, (uint64_t)t.states);
		snprintf(name, sizeof(name), "recovered when dead by %s", t.death->name);
		report_result(good, subject->layout->name, name);
		trace_free(&t.trace);
		ram_free(&t.work);
	}
}
