/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LAYOUT_H
#define GROWCTL_LAYOUT_H

#include "record.h"
#include "sysfs.h"

/* Characters of a disk's picture. */
#define LAYOUT_CELLS 24

const char *layout_draw(const struct record *disk, const struct volume *volumes, size_t n,
			char buf[LAYOUT_CELLS + 1]);

#endif
