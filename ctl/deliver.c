// SPDX-License-Identifier: GPL-2.0-or-later
/* The module is told what policy holds for a disk. */

#include <errno.h>

#include <linux/livegrow.h>

#include "deliver.h"
#include "nl_disk.h"

static bool is_bound(const struct lg_limits *limits)
{
	return limits->max || limits->keep_free || limits->keep_per_cent;
}

static bool is_limited(const struct lg_limits *limits)
{
	return is_bound(limits) || limits->min_step || limits->align;
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

/**
 * deliver() - tell the module what holds for a disk
 * @lg: the connection
 * @disk: its name
 * @now: what holds
 * @before: what held until now; or NULL where that is not known
 * @flags: LIVEGROW_FLAG_FREE_TAIL: what narrower limits had left is to be taken; or 0
 *
 * A module that was loaded before an update may know of no limits: none are no words to it,
 * and where there are some, nothing grows unasked.
 *
 * Returns 0, -EOPNOTSUPP where the module knows of no limits, or another negative errno.
 */
int deliver(struct lg *lg, const char *disk, const struct rules *now, const struct rules *before,
	    uint32_t flags)
{
	bool silent = !is_limited(&now->limits) && !(before && is_limited(&before->limits));
	int r = lg_disk_set(lg, disk, now->mode, silent ? NULL : &now->limits, flags);
	uint32_t mode = now->mode == LIVEGROW_MODE_AUTO ? LIVEGROW_MODE_ASK : now->mode;

	if (r != -EINVAL || silent)
		return r;
	r = lg_disk_set(lg, disk, mode, NULL, 0);
	return r < 0 ? r : -EOPNOTSUPP;
}
