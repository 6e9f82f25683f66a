/* SPDX-License-Identifier: GPL-2.0-only */
/* Roll back the last partition to an earlier size. */
#ifndef LIVEGROW_KMOD_ROLLBACK_H
#define LIVEGROW_KMOD_ROLLBACK_H

struct lg_live;
struct lg_look;

/* The permissions of a rollback: a person asks for it, and the disk need not be in use. */
#define LG_ROLLBACK_FLAGS	(LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED)

/**
 * lg_rollback() - do what is next for the look's order
 * @look: the look; its table is sound and agrees but for the last partition's size
 * @live: the last partition as the kernel has it, or NULL
 *
 * Context: the disk's work; may sleep.
 * Return: as lg_reconcile().
 */
int lg_rollback(struct lg_look *look, const struct lg_live *live);

#endif /* LIVEGROW_KMOD_ROLLBACK_H */
