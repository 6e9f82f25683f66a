/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FOREIGN_H
#define GROWCTL_FOREIGN_H

#include <stdbool.h>

#include "record.h"
#include "sysfs.h"

bool foreign_last(const struct record *disk, struct volume *ret);
bool foreign_full(const struct record *disk, struct volume *ret);

#endif
