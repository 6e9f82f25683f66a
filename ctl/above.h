/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ABOVE_H
#define GROWCTL_ABOVE_H

#include "advice.h"
#include "filesystem.h"

/**
 * struct above - what lies on a partition or disk without being mounted from it
 * @any_fs: by LVM, LUKS and DRBD alone, a filesystem that growctl can tell the size of is mounted from it
 * @certain: what @advice is for is known to be behind
 * @out_of_reach: it is mounted, and growctl does not go there
 * @advice: who makes the first that is behind what it lies on follow; "" where all is used, or
 *          nobody can tell
 */
struct above {
	bool any_fs, certain, out_of_reach;
	char advice[ADVICE_SIZE];
};

void above_find(struct libmnt_table *mounts, const struct volume *volume, struct above *ret);

#endif
