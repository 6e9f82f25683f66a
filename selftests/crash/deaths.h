/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The primary dies, the disk grows, and the power goes while it is recovered. */
#ifndef CRASH_DEATHS_H
#define CRASH_DEATHS_H

#include "enumerate.h"

/* Results that a layout will have. */
u32 deaths_results(const struct layout *layout);

/* Reports and adds to @counts, of which none is identical. @random: subsets of a long write. */
void deaths(struct subject *subject, u32 random, struct counts *counts);

#endif /* CRASH_DEATHS_H */
