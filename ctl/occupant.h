/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_OCCUPANT_H
#define GROWCTL_OCCUPANT_H

#include "filesystem.h"

#define OCCUPANT_TEXT 320

/**
 * struct occupant - what a partition holds
 * @fs: the filesystem; its descriptor is open where it is mounted, else -1
 * @hold: where nothing uses it, a descriptor that keeps others from it; else -1
 * @lock: LVM's commands are to be kept out, where it is LVM's
 * @lvm: the descriptor that does so; else -1
 * @what: in words: "ext4 on /srv"
 * @reach: the byte of the partition at which it ends
 * @why: after an error, why that cannot be told
 */
struct occupant {
	struct fs fs;
	int hold;
	bool lock;
	int lvm;
	char what[OCCUPANT_TEXT];
	uint64_t reach;
	char why[OCCUPANT_TEXT];
};

int occupant_open(struct libmnt_table *mounts, const struct volume *volume, bool lock,
		  struct occupant *ret);
int occupant_reach(struct occupant *o);
void occupant_close(struct occupant *o);

#endif
