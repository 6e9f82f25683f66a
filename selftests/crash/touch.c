// SPDX-License-Identifier: GPL-2.0-or-later
/* A sample of the cuts; the tool, a reboot, livegrow; and what stands then. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "sound.h"
#include "tool.h"
#include "touch.h"

#define CUTS_A_WRITE 6 /* sampled, of a long write */
#define MORE_LBAS 5000

/* Of all layouts: without enough disks that a tool changed, nothing was tried. */
static struct {
	u32 states;
	u32 changed;
} seen[MAX_TOOLS];

struct touched {
	struct subject *subject;
	const struct tool *tool;
	u64 more; /* LBAs that the disk grew by before the tool came */
	struct ram state;
	struct ram work;
	u32 states;
	u32 changed; /* by the tool */
	u32 lost; /* by the tool, before livegrow's turn */
	u32 refused;
	u32 bad;
};

/* parted writes 128 entries, whatever their number was. */
u32 touch_results(const struct layout *layout)
{
	return layout->spec.lba_size != 4096 && layout->spec.parts[0].first >= 34 ? 2 * nr_tools :
										    0;
}

/* What the partitions of @found hold is as on the crashed disk. */
static bool keeps_content(const struct touched *t, const struct found *found)
{
	for (u32 i = 0; i < found->nr_parts; i++) {
		const struct found_part *part = &found->parts[i];

		if (memcmp(disk_at(&t->state.disk, part->first),
			   disk_at(&t->work.disk, part->first),
			   (part->last - part->first + 1) * t->work.disk.lba_size))
			return false;
	}
	return true;
}

/* A refusal leaves what the tool left. */
static bool resume_is_good(struct touched *t, const struct found *crashed)
{
	static struct found tooled, after;
	struct outcome outcome;
	struct kernel kernel;

	judge(&t->work.disk, &tooled);
	if (!tooled.table || !keeps_partitions(crashed, &tooled) || !keeps_content(t, crashed)) {
		t->lost++;
		return false;
	}
	subject_boot(t->subject, &t->work, &kernel);
	reconcile(&t->work, &kernel, NULL, &outcome);
	judge(&t->work.disk, &after);
	t->refused += outcome.ending == ENDED_REFUSED;
	if (outcome.ending == ENDED_IN_ORDER && !judge_has_backup(&t->work.disk))
		return false;
	return outcome.ending != ENDED_ASTRAY && !outcome.unlawful && !outcome.shrunk &&
	       keeps_partitions(&tooled, &after) && keeps_content(t, crashed) &&
	       is_sound(&t->work.disk);
}

static void touch_state(struct touched *t, const struct cut *cut)
{
	const struct write *write = &cut->trace->writes[cut->write];
	static struct found crashed;

	ram_reset(&t->state);
	ram_reset(&t->work);
	t->state.disk.last_lba = t->subject->layout->last_lba + t->more;
	t->work.disk.last_lba = t->state.disk.last_lba;
	cut_apply(&t->state, cut);
	cut_apply(&t->work, cut);
	judge(&t->state.disk, &crashed);
	t->states++;
	tool_run(t->tool, &t->work, found_last(&crashed)->number);
	t->changed += !ram_same(&t->work, &t->state);
	if (resume_is_good(t, &crashed))
		return;
	t->bad++;
	report_note("%s after a cut in step %d, LBA %" PRIu64, t->tool->name, write->id,
		    (uint64_t)write->lba);
}

/* Some prefixes of each write, the whole of it among them, and some random subsets. */
static void choose(struct cuts *cuts, u32 nr)
{
	u32 last = cuts->count <= CUT_ALL_SUBSETS ? (1u << cuts->count) - 1 : cuts->count;

	if (!nr)
		cuts->next = last;
	else
		cuts->next = cuts_random((u32)cuts_total(cuts));
	cuts_next(cuts);
}

static void touch_write(struct touched *t, u32 write)
{
	struct cut cut = { .trace = &t->subject->trace, .write = write };
	u32 count = cut.trace->writes[write].count;
	struct cuts cuts;

	for (u32 i = 0; i < (count > 1 ? CUTS_A_WRITE : 1); i++) {
		cuts_begin(&cuts, count, CUTS_A_WRITE);
		choose(&cuts, i);
		cut.written = cuts.written;
		if ((i + write) % t->tool->one_in == 0)
			touch_state(t, &cut);
	}
}

static void report(const struct touched *t)
{
	const char *name = t->subject->layout->name;
	char property[64];

	snprintf(property, sizeof(property), "%s first%s", t->tool->name,
		 t->more ? ", on a disk that has grown again" : "");
	report_note("%s: %s: %u states, %u changed and %u lost by the tool; refused %u", property,
		    name, t->states, t->changed, t->lost, t->refused);
	report_result(!t->bad && t->states, name, property);
}

static u32 touch_by(struct subject *subject, u32 tool, u64 more)
{
	struct touched t = { .subject = subject, .tool = &tools[tool], .more = more };

	ram_new(&t.state, &subject->base);
	ram_new(&t.work, &subject->base);
	for (u32 write = 0; write < subject->trace.nr; write++)
		touch_write(&t, write);
	report(&t);
	seen[tool].states += t.states;
	seen[tool].changed += t.changed;
	ram_free(&t.state);
	ram_free(&t.work);
	return t.bad;
}

u64 touch(const struct layout *layout)
{
	struct layout plain = *layout;
	static struct subject subject;
	u64 bad = 0;

	if (!touch_results(layout))
		return 0;
	plain.spec.noise = false;
	subject_new(&subject, &plain);
	for (u32 i = 0; i < nr_tools; i++) {
		bad += touch_by(&subject, i, 0);
		bad += touch_by(&subject, i, MORE_LBAS);
	}
	subject_free(&subject);
	return bad;
}

void touch_end(void)
{
	for (u32 i = 0; i < nr_tools; i++) {
		report_note("%s: %u states, %u changed", tools[i].name, seen[i].states,
			    seen[i].changed);
		report_result(seen[i].changed > seen[i].states / 3, tools[i].name,
			      "changed more than a third of its disks");
	}
}
