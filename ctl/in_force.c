// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the module has been told what the configuration says of a disk. */

#include <unistd.h>

#include <linux/livegrow.h>

#include "alive.h"
#include "in_force.h"
#include "rules.h"

/**
 * in_force_known() - whether anything is in force for a disk
 * @disk: what the module says of it; or a record without a mode where it is not there
 */
bool in_force_known(const struct record *disk)
{
	return record_has(disk, LIVEGROW_A_MODE) && disk->state != LIVEGROW_STATE_UNMANAGED;
}

/* Of a doubt the daemon may know more, and of a rollback only root knows. */
static bool is_certain(const struct policy *policy)
{
	return !policy->doubtful && !geteuid();
}

/**
 * in_force_other() - whether the module has another value than the configuration
 * @disk: what the module says of it
 * @policy: what the configuration says
 * @key: the value's
 * @ret: receives the module's value, where any is known
 *
 * Returns false where that cannot be told.
 */
bool in_force_other(const struct record *disk, const struct policy *policy, enum policy_key key,
		    struct policy_value *ret)
{
	const struct rules told = rules_told(disk), said = rules_of(policy);
	const struct policy_value there = rules_value(&told, key), here = rules_value(&said, key);

	if (!in_force_known(disk))
		return false;
	*ret = there;
	return is_certain(policy) &&
	       (there.number != here.number || there.per_cent != here.per_cent);
}

/** in_force_remedy() - what has the module told. */
const char *in_force_remedy(void)
{
	return alive_daemon() ? "systemctl reload growctl" : "systemctl start growctl";
}
