/* SPDX-License-Identifier: GPL-2.0-only */
/* Being told of the disks that are there, that come, and that go. */
#ifndef LIVEGROW_ENUMERATE_H
#define LIVEGROW_ENUMERATE_H

/**
 * lg_enumerate_start() - know every disk, those to come included
 * Return: 0 or a negative errno.
 */
int lg_enumerate_start(void);

/** lg_enumerate_stop() - forget every disk, after lg_disks_quiesce(). */
void lg_enumerate_stop(void);

#endif /* LIVEGROW_ENUMERATE_H */
