/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A partition does not grow if its content or its use forbids that. */
#ifndef CRASH_HOLDINGS_H
#define CRASH_HOLDINGS_H

#include "enumerate.h"

/* Results that a layout will have. */
u32 holdings_results(const struct layout *layout);

/* Reports and adds to @counts, of which none is identical. */
void holdings(struct subject *subject, struct counts *counts);

#endif /* CRASH_HOLDINGS_H */
