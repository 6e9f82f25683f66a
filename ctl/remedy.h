/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REMEDY_H
#define GROWCTL_REMEDY_H

#include <stdbool.h>

#include "record.h"

/* Loads the module again, with its parameters as they are now. */
#define REMEDY_ANEW "rmmod livegrow; modprobe livegrow"

/* Room for a remedy. */
#define REMEDY_SIZE 640

void remedy_fill(const char *words, const struct record *disk, uint32_t part,
		 char ret[REMEDY_SIZE]);
bool remedy_is_needed(const struct record *disk);
bool remedy_of_disk(const struct record *disk, char ret[REMEDY_SIZE]);

#endif
