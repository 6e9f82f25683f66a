/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TWIN_H
#define GROWCTL_TWIN_H

#include <stdbool.h>

#include "util.h"

/* What ends it: one of the two is a copy, and only a person knows which. */
#define TWIN_REMEDY "detach the copy, or give it one of its own: sgdisk --disk-guid=R"

bool twin_find(const char *disk, const char *guid, char ret[NAME_SIZE]);

#endif
