// SPDX-License-Identifier: GPL-2.0-only
/* The live half of a rollback; the table's half is a commit like any other. */
#include <linux/blkdev.h>
#include <linux/ktime.h>

#include "event.h"
#include "part.h"
#include "reconcile.h"
#include "rollback.h"

int lg_rollback_live(struct lg_look *look, const struct lg_live *live)
{
	struct lg_event event = { .type = LIVEGROW_EVENT_ROLLED_BACK };
	sector_t nr_sectors = look->rollback.size >> SECTOR_SHIFT, old;
	struct lg_status *status = &look->status;
	int err;

	status->step = LIVEGROW_STEP_PARTITION;
	err = lg_part_shrink(look->disk->gendisk, live->number, live->start, nr_sectors, &old);
	if (err)
		return err;
	look->disk->resuming = 0;
	status->part_ns = ktime_get_ns();
	status->part_size = look->rollback.size;
	status->part_reach = status->part_size;
	event.part_old_size = old << SECTOR_SHIFT;
	lg_event_send(look->disk, status, &event);
	pr_info("%s: partition %u rolled back from %llu to %llu sectors\n",
		lg_disk_name(look->disk), live->number, old, nr_sectors);
	return LG_ROUND_AGAIN;
}
