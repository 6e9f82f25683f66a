/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk in memory that knows how it differs from the one it was made from. */
#ifndef CRASH_RAM_H
#define CRASH_RAM_H

#include "fixture.h"

struct ram {
	struct disk disk; /* its last_lba may be set to anything up to the base's */
	const struct disk *base;
	u8 *is_dirty; /* per LBA */
	u64 *dirty;
	u64 nr_dirty;
	u64 bad_lba; /* the first of nr_bad blocks that the module cannot read or write */
	u64 nr_bad;
};

void ram_new(struct ram *ram, const struct disk *base);
void ram_free(struct ram *ram);

/* As the base again. */
void ram_reset(struct ram *ram);
void ram_write(struct ram *ram, u64 lba, u64 count, const void *data);

/* Is one of these blocks among the bad ones? */
bool ram_is_bad(const struct ram *ram, u64 lba, u64 count);

/* The host makes the disk smaller; enlarged again, it reads zeros there. */
void ram_shrink(struct ram *ram, u64 last_lba);

/* As another disk of the same base. */
void ram_copy(struct ram *ram, const struct ram *from);

/* The next LBA in which two disks of the same base differ, from *@at on; *@at starts at 0. */
bool ram_differs(const struct ram *a, const struct ram *b, u64 *at, u64 *lba);
bool ram_same(const struct ram *a, const struct ram *b);

/* Take over what somebody else, of whose writes nothing is known, made of the disk. */
void ram_load(struct ram *ram, const u8 *bytes);

#endif /* CRASH_RAM_H */
