/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layouts' disks, for a guest to grow. Return: an exit status. */
#ifndef REPLAY_DISKS_H
#define REPLAY_DISKS_H

#include "layouts.h"

/* Prints a line of JSON for each: sizes in bytes, and the partitions' numbers. */
int disks_list(void);

/* Makes a file of the disk, and of the space that it grows by. */
int disks_make(const struct layout *layout, const char *path);

#endif /* REPLAY_DISKS_H */
