/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REMEDY_PART_H
#define GROWCTL_REMEDY_PART_H

#include "record.h"

const char *remedy_part_type(const struct record *disk);
const char *remedy_not_gpt(const struct record *disk, uint32_t *ret_part);

#endif
