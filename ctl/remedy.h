/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REMEDY_H
#define GROWCTL_REMEDY_H

#include "record.h"

/* What has the module take its parameters anew. */
#define REMEDY_ANEW "rmmod livegrow; modprobe livegrow"

const char *remedy_of_disk(const struct record *disk);

#endif
