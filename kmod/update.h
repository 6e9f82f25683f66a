/* SPDX-License-Identifier: GPL-2.0-only */
/* A round that changes the table or the live partition. */
#ifndef LIVEGROW_UPDATE_H
#define LIVEGROW_UPDATE_H

#include "round.h"

/**
 * lg_update_may() - does the gate let this look write?
 * @look: the look
 *
 * Return: false also for a dry run; why not is the look's verdict then.
 */
bool lg_update_may(struct lg_look *look);

/**
 * lg_update_may_finish() - does the gate let this look finish a growth of this boot?
 * @look: the look
 *
 * The permission that a commit of this boot had covers all that is left of it: a person
 * who asked for a growth does not have to ask for its second half.
 *
 * Return: as lg_update_may().
 */
bool lg_update_may_finish(struct lg_look *look);

/**
 * lg_update_settle() - the table is in order for the present end of the disk
 * @look: the look, its table sound
 */
void lg_update_settle(struct lg_look *look);

/**
 * lg_update_fit() - a commit for this end of the disk begins
 * @look: the look; its table's last_lba is that end
 */
void lg_update_fit(struct lg_look *look);

/**
 * lg_update_execute() - write a plan
 * @look: the look; lg_update_may() let it
 * @plan: made from its table
 *
 * Context: may sleep. Return: as lg_commit().
 */
int lg_update_execute(struct lg_look *look, const struct lg_plan *plan);

/**
 * lg_update_with_buffer() - call with memory for a plan
 * @look: the look, its table sound
 * @make: called with lg_plan_buffer_lbas() blocks
 *
 * Context: may sleep. Return: what @make does, or -ENOMEM.
 */
int lg_update_with_buffer(struct lg_look *look,
			  int (*make)(struct lg_look *look, u8 *buffer));

/**
 * lg_update_finish() - end an unfinished commit
 * @look: the look; lg_update_may() let it
 *
 * Context: may sleep. Return: LG_ROUND_AGAIN, or as lg_commit().
 */
int lg_update_finish(struct lg_look *look);

/**
 * lg_update_commit() - commit the look's goal, and keep what it replaces
 * @look: the look; lg_update_may() let it
 *
 * Context: may sleep. Return: LG_ROUND_AGAIN, or as lg_commit().
 */
int lg_update_commit(struct lg_look *look);

/**
 * lg_update_live() - note and report the new size of a live partition
 * @look: the look
 * @type: LIVEGROW_EVENT_PARTITION_GROWN or LIVEGROW_EVENT_ROLLED_BACK
 * @number: the partition
 * @old: its former size in 512-byte sectors
 * @nr_sectors: its new size in 512-byte sectors
 *
 * Context: may sleep.
 */
void lg_update_live(struct lg_look *look, enum livegrow_event type, u32 number, u64 old,
		    u64 nr_sectors);

#endif /* LIVEGROW_UPDATE_H */
