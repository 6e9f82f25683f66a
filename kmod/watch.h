/* SPDX-License-Identifier: GPL-2.0-only */
/* Hearing the kernel's own uevents. */
#ifndef LIVEGROW_WATCH_H
#define LIVEGROW_WATCH_H

/**
 * lg_watch_start() - hear of disks that change, and have them looked at
 * Return: 0 or a negative errno.
 */
int lg_watch_start(void);

/** lg_watch_stop() - hear no more. */
void lg_watch_stop(void);

#endif /* LIVEGROW_WATCH_H */
