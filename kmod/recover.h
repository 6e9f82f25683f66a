/* SPDX-License-Identifier: GPL-2.0-only */
/* A dead primary, brought back from its backup. */
#ifndef LIVEGROW_KMOD_RECOVER_H
#define LIVEGROW_KMOD_RECOVER_H

struct lg_look;

/**
 * lg_recover() - bring a dead primary back, or say why not
 * @look: the look; its primary was found dead
 *
 * Unasked only on a disk that was heard to grow, from a backup that equals every
 * live partition.
 *
 * Context: the disk's work; may sleep.
 * Return: as lg_reconcile().
 */
int lg_recover(struct lg_look *look);

#endif /* LIVEGROW_KMOD_RECOVER_H */
