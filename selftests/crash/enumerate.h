/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power cut can leave of one layout's grow, and what becomes of it. */
#ifndef CRASH_ENUMERATE_H
#define CRASH_ENUMERATE_H

#include "subject.h"

/* Results that a layout will have. */
u32 enumerate_results(const struct layout *layout);

struct counts {
	u64 states;
	u64 bad; /* no table, a third one, or a write that must not be */
	u64 identical; /* resumed to the same bytes */
};

/* Reports and adds to @counts. @random: subsets of a long write; 0 leaves out what takes long. */
void enumerate(struct subject *subject, u32 random, struct counts *counts);

#endif /* CRASH_ENUMERATE_H */
