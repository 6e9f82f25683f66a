// SPDX-License-Identifier: GPL-2.0-only
/* Decide whether the module may write to a disk. */
#include <linux/blkdev.h>

#include "disk.h"
#include "gate.h"
#include "params.h"
#include "part.h"

static bool shut(struct lg_gate *gate, enum livegrow_state state,
		 enum livegrow_reason reason)
{
	gate->state = state;
	gate->reason = reason;
	return false;
}

bool lg_gate_look(struct lg_disk *disk, struct lg_gate *gate)
{
	if (!lg_param_drives(lg_disk_driver(disk)))
		return shut(gate, LIVEGROW_STATE_UNMANAGED, LIVEGROW_REASON_DRIVER);
	if (lg_disk_rule(disk).mode == LIVEGROW_MODE_OFF)
		return shut(gate, LIVEGROW_STATE_OFF, LIVEGROW_REASON_MODE_OFF);
	return true;
}

bool lg_gate_write(struct lg_disk *disk, struct block_device *bdev, u32 flags,
		   const struct lg_rule *rule, struct lg_gate *gate)
{
	enum lg_use use = lg_part_use(bdev);

	/* The plan was made by another rule than the one that holds now. */
	if (lg_disk_rule(disk).seq != rule->seq)
		return shut(gate, LIVEGROW_STATE_UNKNOWN, LIVEGROW_REASON_NONE);
	/* The mode has changed since the look began, or the look would have ended there. */
	if (rule->mode == LIVEGROW_MODE_OFF)
		return shut(gate, LIVEGROW_STATE_OFF, LIVEGROW_REASON_MODE_OFF);
	if (get_disk_ro(disk->gendisk))
		return shut(gate, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_READ_ONLY);
	/* A command does not help either: the holder may keep data at the disk's end. */
	if (use == LG_USE_WHOLE)
		return shut(gate, LIVEGROW_STATE_HELD, LIVEGROW_REASON_HELD_WHOLE);
	if (use == LG_USE_NONE && !(flags & LIVEGROW_FLAG_UNUSED))
		return shut(gate, LIVEGROW_STATE_UNUSED, LIVEGROW_REASON_NOT_IN_USE);
	/* A person may be looking into a copy of the disk. */
	if (use == LG_USE_READ_ONLY && !(flags & (LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED)))
		return shut(gate, LIVEGROW_STATE_WAITING, LIVEGROW_REASON_MOUNTED_READ_ONLY);
	if (rule->mode != LIVEGROW_MODE_ASK || flags & LIVEGROW_FLAG_ASKED)
		return true;
	return shut(gate, LIVEGROW_STATE_WAITING,
		    rule->is_awaited ? LIVEGROW_REASON_POLICY_AWAITED : LIVEGROW_REASON_MODE_ASK);
}
