/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NAMES_H
#define GROWCTL_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

const char *name_of_mode(uint32_t mode);
const char *name_of_state(uint32_t state);
const char *name_of_reason(uint32_t reason);
const char *name_of_step(uint32_t step);
const char *name_of_event(uint32_t event);

bool disk_name_valid(const char *name);
int disk_name_take(const char *name, char ret[NAME_SIZE]);
void partition_name(const char *disk, uint32_t number, char *ret_name, size_t size);

#endif
