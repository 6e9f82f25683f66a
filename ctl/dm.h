/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DM_H
#define GROWCTL_DM_H

#include <stdint.h>

#include "sysfs.h"

int dm_crypt_reach(const struct volume *below, uint64_t *reach);
int dm_plain_reach(const struct volume *below, uint64_t *reach);

#endif
