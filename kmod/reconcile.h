/* SPDX-License-Identifier: GPL-2.0-only */
/* One round of a look: read everything again, do the first thing that is missing. */
#ifndef LIVEGROW_RECONCILE_H
#define LIVEGROW_RECONCILE_H

struct lg_look;

/**
 * lg_reconcile() - one round
 * @look: the look, its disk open
 *
 * Context: the disk's work; may sleep.
 * Return: 0 when the verdict stands, LG_ROUND_AGAIN when something was done,
 * -EAGAIN when another tool changed the table meanwhile, -EBADMSG when it may
 * have been the disk, or a negative errno of the step in the look's status.
 */
int lg_reconcile(struct lg_look *look);

#endif /* LIVEGROW_RECONCILE_H */
