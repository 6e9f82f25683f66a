/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has to hold for a table that another tool has had its hands on. */
#ifndef CRASH_SOUND_H
#define CRASH_SOUND_H

#include "judge.h"

/* All of @before's partitions, none smaller, nothing else changed of them? */
bool keeps_partitions(const struct found *before, const struct found *after);

/* No partition overlaps another, the table, or its backup; all are in the usable range. */
bool is_sound(const struct disk *disk);

#endif /* CRASH_SOUND_H */
