/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies on a disk, read by the specification and without the core. */
#ifndef UNIT_ORACLE_H
#define UNIT_ORACLE_H

#include "fixture.h"

struct seen {
	u64 alternate;
	u64 first_usable;
	u64 last_usable;
	u64 array_lba;
	u32 nr_entries;
	u32 entry_size;
};

/* Is there a header with right CRCs, its own and its array's, which names its place? */
bool oracle_read(const struct disk *disk, u64 lba, struct seen *seen);

/* The entry of a table that was seen, or its last LBA. */
const u8 *oracle_entry(const struct disk *disk, const struct seen *seen, u32 number);
u64 oracle_last(const struct disk *disk, const struct seen *seen, u32 number);

#endif /* UNIT_ORACLE_H */
