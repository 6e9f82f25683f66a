// SPDX-License-Identifier: GPL-2.0-or-later
/* What is random comes from the seed of cuts.h alone. */
#include <stdlib.h>
#include <string.h>

#include "sample.h"

static bool is_inside(const struct cuts *cuts)
{
	u32 written = 0;

	for (u32 i = 0; i < cuts->count; i++)
		written += cuts->written[i];
	return written && written < cuts->count;
}

/* Of a long write, a prefix or a suffix as often as any subset. */
static void cut_inside(struct sample *sample, u32 count)
{
	struct cuts cuts;

	do {
		cuts_begin(&cuts, count, 2 * count);
		cuts.next = cuts_random((u32)cuts_total(&cuts));
		cuts_next(&cuts);
	} while (!is_inside(&cuts));
	memcpy(sample->written, cuts.written, count * sizeof(bool));
}

static u32 sample_write(struct sample *sample, const struct subject *subject, u32 write)
{
	u32 count = subject->trace.writes[write].count;

	sample[0] = (struct sample){ .layout = subject->layout, .write = write };
	memset(sample[0].written, true, count);
	sample[1] = sample[0];
	sample[0].taken = true;
	if (count == 1)
		return 1;
	cut_inside(&sample[0], count);
	return 2;
}

static u32 sample_all(struct sample *samples)
{
	static struct subject subject;
	u32 nr = 0;

	for (u32 i = 0; i < nr_layouts; i++) {
		/* The order to go back is not given to a guest here. */
		if (layouts[i].back)
			continue;
		subject_new(&subject, &layouts[i]);
		if (nr + 2 * subject.trace.nr > MAX_SAMPLES)
			abort();
		for (u32 write = 0; write < subject.trace.nr; write++)
			nr += sample_write(&samples[nr], &subject, write);
		subject_free(&subject);
	}
	return nr;
}

u32 samples_choose(struct sample *samples)
{
	u32 nr = sample_all(samples), taken = 0;

	for (u32 i = 0; i < nr; i++)
		taken += samples[i].taken;
	while (taken < NR_SAMPLES && taken < nr) {
		struct sample *sample = &samples[cuts_random(nr)];

		taken += !sample->taken;
		sample->taken = true;
	}
	return nr;
}
