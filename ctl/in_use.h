/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_IN_USE_H
#define GROWCTL_IN_USE_H

#include <stdbool.h>

#include "record.h"
#include "sysfs.h"

struct libmnt_table;

/* Words for in_use_by_now(). */
#define IN_USE_BY_NOW "it came into use after the module had looked at it"

bool in_use(struct libmnt_table *mounts, const struct volume *volume);
bool in_use_by_now(struct libmnt_table *mounts, const struct record *disk);

#endif
