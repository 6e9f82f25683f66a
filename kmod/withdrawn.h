/* SPDX-License-Identifier: GPL-2.0-only */
/* An enlargement that the host withdrew while the commit was under way. */
#ifndef LIVEGROW_KMOD_WITHDRAWN_H
#define LIVEGROW_KMOD_WITHDRAWN_H

#include <linux/livegrow.h>

struct lg_look;

/* The table is not one that a withdrawn enlargement leaves: another mending may fit. */
#define LG_WITHDRAWN_NOT	2

/**
 * lg_withdrawn() - write LBA 1 again if its entry array went with the disk's end
 * @look: the look; its table was loaded as far as possible, and is unsound
 * @reason: why it is unsound; LIVEGROW_REASON_NONE: a read error
 *
 * Context: the disk's work; may sleep.
 * Return: LG_WITHDRAWN_NOT, or as lg_reconcile().
 */
int lg_withdrawn(struct lg_look *look, enum livegrow_reason reason);

#endif /* LIVEGROW_KMOD_WITHDRAWN_H */
