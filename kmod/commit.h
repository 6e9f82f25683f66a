/* SPDX-License-Identifier: GPL-2.0-only */
/* Carry out a plan. */
#ifndef LIVEGROW_COMMIT_H
#define LIVEGROW_COMMIT_H

#include <livegrow/plan.h>

struct block_device;

/**
 * lg_commit() - write a plan's steps, in order
 * @bdev: the whole disk, open
 * @table: the table that the plan was made from
 * @plan: the plan
 * @ret_step: the step that failed, when one did
 *
 * Each step is written only over the image that it expects, flushed, and read
 * back from the device.
 *
 * Context: may sleep.
 * Return: 0, -EAGAIN when somebody else changed the table meanwhile (nothing
 * is lost; look again), -EBADMSG when something else was read back than was
 * written (by somebody else, or the disk does not keep it), or a negative errno.
 */
int lg_commit(struct block_device *bdev, const struct lg_table *table,
	      const struct lg_plan *plan, enum livegrow_step *ret_step);

#endif /* LIVEGROW_COMMIT_H */
