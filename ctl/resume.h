/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_RESUME_H
#define GROWCTL_RESUME_H

#include <stdbool.h>

#include "record.h"

bool resume_is_ours(const struct record *disk);

#endif
