/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk's image file as a disk in memory, so that it takes what is done to that. */
#ifndef CRASH_IMAGE_H
#define CRASH_IMAGE_H

#include "fixture.h"

/* Whose logical blocks have @lba_size bytes; exits where that fails. */
void image_open(struct disk *disk, const char *path, u32 lba_size);

#endif /* CRASH_IMAGE_H */
