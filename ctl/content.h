/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CONTENT_H
#define GROWCTL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "sysfs.h"

/* Room for libblkid's word for a content. */
#define CONTENT_SIZE 32

/* libblkid's word for a backing device of DRBD. */
#define CONTENT_DRBD "drbd"

/* What a filesystem's own rounding leaves, of the largest allocation group that is too small. */
#define CONTENT_ROUNDING (UINT64_C(1) << 20)

int content_probe_at(int fd, uint64_t start, uint64_t size, char ret_type[CONTENT_SIZE]);
uint64_t content_size_at(int fd, uint64_t start, const char *type);
int content_probe(const struct volume *volume, char ret_type[CONTENT_SIZE]);
bool content_table(int fd, char ret_type[CONTENT_SIZE]);
bool content_growable(const char *type);

#endif
