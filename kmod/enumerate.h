/* SPDX-License-Identifier: GPL-2.0-only */
/* Hear of the disks that exist, and of those that come and go. */
#ifndef LIVEGROW_ENUMERATE_H
#define LIVEGROW_ENUMERATE_H

/**
 * lg_enumerate_start() - know every disk, those to come included
 * Return: 0 or a negative errno.
 */
int lg_enumerate_start(void);

/**
 * lg_enumerate_missed() - add the disks that there was no memory for when they came
 *
 * Costs nothing where none was missed, so it may follow every uevent of an unknown disk.
 *
 * Context: takes the block class's mutex and, inside it, lg_disks_lock.
 */
void lg_enumerate_missed(void);

/** lg_enumerate_stop() - forget every disk, after lg_disks_quiesce(). */
void lg_enumerate_stop(void);

#endif /* LIVEGROW_ENUMERATE_H */
