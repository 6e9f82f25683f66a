/* SPDX-License-Identifier: GPL-2.0-only */
/* The last partition back to a size that it had, on command. */
#ifndef LIVEGROW_KMOD_ROLLBACK_H
#define LIVEGROW_KMOD_ROLLBACK_H

struct lg_live;
struct lg_look;

/* What is permitted to a rollback: it is a command, of a disk that needs no user. */
#define LG_ROLLBACK_FLAGS	(LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED)

/**
 * lg_rollback_live() - the live partition follows its entry, which went back
 * @look: the look
 * @live: the partition as it is
 *
 * Context: the disk's work; may sleep.
 * Return: LG_ROUND_AGAIN, or a negative errno.
 */
int lg_rollback_live(struct lg_look *look, const struct lg_live *live);

#endif /* LIVEGROW_KMOD_ROLLBACK_H */
