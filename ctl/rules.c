// SPDX-License-Identifier: GPL-2.0-or-later
/* What holds for a disk, as the module takes it and tells it. */

#include <linux/livegrow.h>

#include "rules.h"

static bool is_bound(const struct lg_limits *limits)
{
	return limits->max || limits->keep_free || limits->keep_per_cent;
}

/** rules_of() - a disk's policy, as the module takes it. */
struct rules rules_of(const struct policy *policy)
{
	const struct policy_value *keep = &policy->values[POLICY_KEEP_FREE];
	const struct policy_value *align = &policy->values[POLICY_ALIGN];

	return (struct rules){
		.mode = (uint32_t)policy->values[POLICY_MODE].number,
		.limits = {
			.max = policy->values[POLICY_MAX].number,
			.keep_free = keep->per_cent ? 0 : keep->number,
			.keep_per_cent = keep->per_cent ? (uint32_t)keep->number : 0,
			.min_step = policy->values[POLICY_MIN_STEP].number,
			.align = align->given ? (uint32_t)align->number : 0,
		},
	};
}

/** rules_same() - whether two say the same. */
bool rules_same(const struct rules *a, const struct rules *b)
{
	const struct lg_limits *x = &a->limits, *y = &b->limits;

	return a->mode == b->mode && x->max == y->max && x->keep_free == y->keep_free &&
	       x->keep_per_cent == y->keep_per_cent && x->min_step == y->min_step &&
	       x->align == y->align;
}

/** rules_wider() - whether a partition may grow further than before. */
bool rules_wider(const struct rules *now, const struct rules *before)
{
	const struct lg_limits *x = &now->limits, *y = &before->limits;

	bool keeps_less = x->keep_free <= y->keep_free && x->keep_per_cent <= y->keep_per_cent &&
			  (x->keep_free < y->keep_free || x->keep_per_cent < y->keep_per_cent);

	return keeps_less || (y->max && (!x->max || x->max > y->max));
}

/** rules_bounds() - how far a partition may grow; NULL where nothing is said of that. */
const struct lg_limits *rules_bounds(const struct rules *rules)
{
	return is_bound(&rules->limits) ? &rules->limits : NULL;
}

/** rules_limited() - whether anything but the mode is said. */
bool rules_limited(const struct rules *rules)
{
	return is_bound(&rules->limits) || rules->limits.min_step || rules->limits.align;
}

/** rules_told() - what the module says that holds for a disk. */
struct rules rules_told(const struct record *disk)
{
	return (struct rules){ .mode = disk->mode, .limits = record_limits(disk) };
}

/**
 * rules_value() - one key of what holds, as a rule of the configuration would have it
 * @rules: what holds
 * @key: the key
 */
struct policy_value rules_value(const struct rules *rules, enum policy_key key)
{
	const struct lg_limits *l = &rules->limits;

	switch (key) {
	case POLICY_MODE:
		return (struct policy_value){ .number = rules->mode };
	case POLICY_MAX:
		return (struct policy_value){ .number = l->max };
	case POLICY_KEEP_FREE:
		return (struct policy_value){
			.number = l->keep_per_cent ? l->keep_per_cent : l->keep_free,
			.per_cent = l->keep_per_cent,
		};
	case POLICY_MIN_STEP:
		return (struct policy_value){ .number = l->min_step };
	default:
		return (struct policy_value){
			.number = l->align ? l->align : POLICY_ALIGN_DEFAULT,
		};
	}
}
