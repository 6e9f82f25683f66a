// SPDX-License-Identifier: GPL-2.0-or-later
/* The module is told what policy holds for a disk. */

#include <errno.h>

#include <linux/livegrow.h>

#include "deliver.h"
#include "nl_disk.h"

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
	bool silent = !rules_limited(now) && !(before && rules_limited(before));
	int r = lg_disk_set(lg, disk, now->mode, silent ? NULL : &now->limits, flags);
	uint32_t mode = now->mode == LIVEGROW_MODE_AUTO ? LIVEGROW_MODE_ASK : now->mode;

	if (r != -EINVAL || silent)
		return r;
	r = lg_disk_set(lg, disk, mode, NULL, 0);
	return r < 0 ? r : -EOPNOTSUPP;
}
