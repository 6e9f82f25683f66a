/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_RULES_H
#define GROWCTL_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <livegrow/policy.h>

#include "policy.h"
#include "record.h"

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
bool rules_limited(const struct rules *rules);
struct rules rules_told(const struct record *disk);
struct policy_value rules_value(const struct rules *rules, enum policy_key key);

#endif
