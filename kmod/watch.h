/* SPDX-License-Identifier: GPL-2.0-only */
/* Listen to the kernel's uevents. */
#ifndef LIVEGROW_WATCH_H
#define LIVEGROW_WATCH_H

/**
 * lg_watch_start() - listen to uevents, and queue a look for each disk that changes
 * Return: 0 or a negative errno.
 */
int lg_watch_start(void);

/** lg_watch_stop() - stop listening. */
void lg_watch_stop(void);

#endif /* LIVEGROW_WATCH_H */
