/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TWIN_H
#define GROWCTL_TWIN_H

#include <stdbool.h>

#include "util.h"

/* growctl cannot know which of the two is the copy, so this names no command. */
#define TWIN_REMEDY "detach the copy, or give it another disk GUID while nothing on it is in use"

bool twin_find(const char *disk, const char *guid, char ret[NAME_SIZE]);

#endif
