/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host takes an enlargement back: after any write of a grow, to any size. */
#ifndef CRASH_WITHDRAWALS_H
#define CRASH_WITHDRAWALS_H

#include "enumerate.h"

/* Results that a layout will have. */
u32 withdrawals_results(const struct layout *layout);

/* Reports and adds to @counts; identical: those that end with the table of an undisturbed grow. */
void withdrawals(struct subject *subject, struct counts *counts);

#endif /* CRASH_WITHDRAWALS_H */
