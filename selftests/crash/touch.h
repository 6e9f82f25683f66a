/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Another tool has its hands on the disk between the cut and the resumption. */
#ifndef CRASH_TOUCH_H
#define CRASH_TOUCH_H

#include "subject.h"

/* Results that a layout will have: two a tool, none where the tools cannot go. */
u32 touch_results(const struct layout *layout);

/*
 * Reports two results a tool, over a sample of the layout's cuts; without noise,
 * which sfdisk takes for damage. Return: how many states it ended badly for.
 */
u64 touch(const struct layout *layout);

/* A result a tool: it had something to do. */
void touch_end(void);

#endif /* CRASH_TOUCH_H */
