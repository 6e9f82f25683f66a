/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TARGET_H
#define GROWCTL_TARGET_H

#include <stdint.h>

#include "util.h"

/**
 * struct target - what a person named
 * @disk: the disk's name
 * @number: of the partition, where that was named or what is mounted from it; else 0
 */
struct target {
	char disk[NAME_SIZE];
	uint32_t number;
};

int target_find(const char *arg, struct target *ret);

#endif
