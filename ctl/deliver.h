/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DELIVER_H
#define GROWCTL_DELIVER_H

#include <stdbool.h>
#include <stdint.h>

#include <livegrow/policy.h>

#include "nl.h"
#include "policy.h"

/**
 * struct rules - what holds for a disk, as the module takes it
 * @mode: enum livegrow_mode
 * @limits: how far its last partition may grow
 */
struct rules {
	uint32_t mode;
	struct lg_limits limits;
};

struct rules rules_of(const struct policy *policy);
bool rules_same(const struct rules *a, const struct rules *b);
bool rules_wider(const struct rules *now, const struct rules *before);
const struct lg_limits *rules_bounds(const struct rules *rules);
int deliver(struct lg *lg, const char *disk, const struct rules *now, const struct rules *before,
	    uint32_t flags);

#endif
