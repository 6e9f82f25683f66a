/* SPDX-License-Identifier: GPL-2.0-only */
/* One round of a look: read everything anew, do the first thing that is missing. */
#ifndef LIVEGROW_RECONCILE_H
#define LIVEGROW_RECONCILE_H

#include <livegrow/live.h>
#include <livegrow/plan.h>

#include "disk.h"
#include "table.h"

/* What a look works with; one a disk, since its work never runs twice at a time. */
struct lg_look {
	struct lg_disk *disk;
	u32 flags;			/* enum livegrow_flags */
	struct lg_rollback rollback;	/* what is ordered and not done yet */
	struct block_device *bdev;	/* the whole disk, open */
	struct lg_status status;	/* what is being found */
	/* of the round under way */
	struct lg_table_blocks blocks;
	struct lg_table table;
	struct lg_stale stale;
	struct lg_goal goal;
	u32 nr_live;
	struct lg_live live[LG_MAX_PARTS];
};

/* A round did something, or somebody else did: look again. */
#define LG_ROUND_AGAIN	1

/**
 * lg_look_verdict() - say how the look ends, as things stand
 * @look: the look
 * @state: of the disk
 * @reason: for it
 *
 * Return: 0, what a round returns that is the last.
 */
int lg_look_verdict(struct lg_look *look, enum livegrow_state state,
		    enum livegrow_reason reason);

/**
 * lg_look_publish() - make what was found so far the disk's status
 * @look: the look
 */
void lg_look_publish(struct lg_look *look);

/**
 * lg_reconcile() - one round
 * @look: the look, its disk open
 *
 * Context: the disk's work; may sleep.
 * Return: 0 when the verdict stands, LG_ROUND_AGAIN when something was done,
 * -EAGAIN when another tool changed the table meanwhile, or a negative errno of
 * the step in @look->status.step.
 */
int lg_reconcile(struct lg_look *look);

#endif /* LIVEGROW_RECONCILE_H */
