/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FACTS_H
#define GROWCTL_FACTS_H

#include <stddef.h>

#include "match.h"

/* Room for a disk's serial number; virtio's has 20 bytes, NVMe's too. */
#define SERIAL_SIZE 64

int serial_read(const char *disk, char ret[SERIAL_SIZE]);
int facts_of_disk(const struct conf *conf, const char *disk, struct facts *ret);

#endif
