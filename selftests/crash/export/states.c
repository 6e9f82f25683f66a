// SPDX-License-Identifier: GPL-2.0-or-later
/* A guest boots with the disk, and is told to grow it as the layout was. */
#include <inttypes.h>
#include <stdlib.h>

#include "sample.h"
#include "states.h"

#define MODULE_ALIGN 1048576 /* whatever the layout was grown with */

/* As the commit's description numbers them. */
static const char *const steps[] = {
	[LIVEGROW_STEP_BACKUP] = "1",	   [LIVEGROW_STEP_STALE] = "1b",
	[LIVEGROW_STEP_SWITCH] = "2",	   [LIVEGROW_STEP_HOME_ARRAY] = "3",
	[LIVEGROW_STEP_HOME_HEADER] = "4", [LIVEGROW_STEP_MBR] = "5",
};

/* The sectors of the cut write as ones, the missing ones as zeros. */
static void tell_name(const struct sample *sample, const struct write *write)
{
	char written[CUT_MAX_SECTORS + 1] = "";

	for (u32 i = 0; i < write->count; i++)
		written[i] = sample->written[i] ? '1' : '0';
	shelf_name("%s: write %u (step %s, LBA %" PRIu64 "), sectors %s", sample->layout->name,
		   sample->write + 1, steps[write->id], (uint64_t)write->lba, written);
}

/* Made by the uninterrupted run where that was aligned in the same way. */
static void resume(const struct shelf *shelf, const struct subject *subject, struct ram *ram)
{
	const struct layout *layout = subject->layout;
	struct outcome outcome;
	struct kernel kernel;

	kernel_boot(&kernel, &ram->disk, MODULE_ALIGN, layout->flags);
	reconcile(ram, &kernel, NULL, &outcome);
	if (outcome.ending == ENDED_ASTRAY ||
	    (layout_align(layout) == MODULE_ALIGN && !ram_same(ram, &subject->final))) {
		fprintf(stderr, "%s: not resumed to the same bytes: run make crash\n",
			layout->name);
		exit(1);
	}
	shelf_final(shelf, &ram->disk, outcome.ending == ENDED_IN_ORDER,
		    layout->flags & LIVEGROW_FLAG_FREE_TAIL);
}

static void export_sample(const struct shelf *shelf, const struct sample *sample,
			  const struct subject *subject)
{
	const struct cut cut = { &subject->trace, sample->write, sample->written };
	struct ram ram;

	ram_new(&ram, &subject->base);
	ram.disk.last_lba = sample->layout->last_lba;
	cut_apply(&ram, &cut);
	tell_name(sample, &subject->trace.writes[sample->write]);
	shelf_disk(shelf, &ram.disk);
	resume(shelf, subject, &ram);
	shelf_done();
	ram_free(&ram);
}

/* One subject at a time: the samples come layout by layout. */
static const struct subject *subject_of(const struct sample *sample)
{
	static struct subject subject;

	if (subject.layout == sample->layout)
		return &subject;
	if (subject.layout)
		subject_free(&subject);
	subject_new(&subject, sample->layout);
	return &subject;
}

void export_cuts(struct shelf *shelf)
{
	static struct sample samples[MAX_SAMPLES];
	u32 nr = samples_choose(samples);

	for (u32 i = 0; i < nr; i++)
		if (samples[i].taken && shelf_wants(shelf))
			export_sample(shelf, &samples[i], subject_of(&samples[i]));
}
