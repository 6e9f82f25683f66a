/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cuts that a real kernel is shown: of all layouts and all of their writes. */
#ifndef EXPORT_SAMPLE_H
#define EXPORT_SAMPLE_H

#include "subject.h"

#define NR_SAMPLES 240 /* more where the layouts have more writes than that */
#define MAX_SAMPLES 1024

struct sample {
	const struct layout *layout;
	u32 write;
	bool taken;
	bool written[CUT_MAX_SECTORS];
};

/*
 * Takes a cut of each write of each layout: inside it where it has more than one
 * sector, behind it otherwise; and as many ends of the longer ones, at random, as
 * there is room for. Return: how many there are, in the layouts' order; not all
 * are taken.
 */
u32 samples_choose(struct sample *samples);

#endif /* EXPORT_SAMPLE_H */
