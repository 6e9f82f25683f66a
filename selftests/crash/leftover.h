/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a crashed grow leaves behind when the disk has another end afterwards. */
#ifndef CRASH_LEFTOVER_H
#define CRASH_LEFTOVER_H

#include "subject.h"

struct leftovers {
	u64 disks; /* that were looked at */
	u64 differ; /* in some byte from those that grew at once */
	u64 headers; /* have a valid header of their own inside a partition */
};

/*
 * The same bytes as a disk that grew at once, but for the backup that the
 * crashed grow had begun to write at the end that the disk had then?
 */
bool leftovers_allowed(const struct subject *subject, const struct ram *ram,
		       const struct direct *direct, struct leftovers *leftovers);

/* How many blocks of partitions begin like a GPT header. */
u64 leftovers_headers(const struct disk *disk, const struct found *found);
void leftovers_note(const struct leftovers *leftovers, const char *layout);

#endif /* CRASH_LEFTOVER_H */
