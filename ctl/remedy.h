/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REMEDY_H
#define GROWCTL_REMEDY_H

#include "record.h"

const char *remedy_of_disk(const struct record *disk);

#endif
