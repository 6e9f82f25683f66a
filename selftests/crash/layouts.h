/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that have just grown, and what is on them. */
#ifndef CRASH_LAYOUTS_H
#define CRASH_LAYOUTS_H

#include "fixture.h"

/* A disk of a layout may grow by so much more. */
#define MAX_MORE_LBAS 8192

struct layout {
	const char *name;
	struct spec spec; /* before it grew; its last_lba is the old end */
	u64 last_lba; /* as it is now */
	u64 end; /* of the last partition when all is done, or 0: there is none */
	bool back; /* that end is ordered; otherwise the disk grew */
	u32 align; /* 0: 1 MiB */
	u32 flags; /* that the grow is asked for with, again after a crash */
	u64 array_copy; /* LBA of a stale copy of the array's front, or 0 */
	u32 copy_lbas;
	bool ghost; /* the new space holds a backup of this disk from an earlier life */
};

extern const struct layout layouts[];
extern const u32 nr_layouts;

/* Is something commanded, and not done unasked? */
bool layout_commanded(const struct layout *layout);
u32 layout_align(const struct layout *layout);
u32 layout_array_lbas(const struct layout *layout);

/* Room for MAX_MORE_LBAS more; last_lba is the largest. New space holds old bytes. */
void layout_disk(const struct layout *layout, struct disk *disk);

#endif /* CRASH_LAYOUTS_H */
