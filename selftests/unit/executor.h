/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The core's plans on a disk in memory, as the module would run them. */
#ifndef UNIT_EXECUTOR_H
#define UNIT_EXECUTOR_H

#include <livegrow/plan.h>

#include "fixture.h"

/* One look at a disk: what was read, what was decided, what is to be written. */
struct look {
	enum livegrow_reason reason; /* why the table was not understood */
	struct loaded loaded;
	struct lg_goal goal; /* not when a commit is unfinished */
	struct lg_plan plan;
	bool is_withdrawn; /* LBA 1 names an array that is gone */
	u8 *buffer;
};

/* A wish's heard_last of 0 stands for the disk's last LBA. Freed by look_free(). */
void look_at(const struct disk *disk, const struct lg_wish *wish, struct look *look);
void look_free(struct look *look);

/* Does the disk hold what the step expects? */
bool step_fits(const struct disk *disk, const struct look *look, const struct lg_step *step);
void step_write(struct disk *disk, const struct lg_step *step);

/*
 * Looks and writes until nothing is left to do or @max_steps were written.
 * Return: how many were, or UINT32_MAX where a step did not fit.
 */
u32 disk_settle(struct disk *disk, const struct lg_wish *wish, u32 max_steps);

#endif /* UNIT_EXECUTOR_H */
