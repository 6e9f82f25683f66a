// SPDX-License-Identifier: GPL-2.0-only
/* Change the table or the live partition, if the gate permits it, and report that. */
#include <linux/blkdev.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/vmalloc.h>

#include "commit.h"
#include "event.h"
#include "gate.h"
#include "keep.h"
#include "rollback.h"
#include "update.h"

/*
 * Check the permission before any write. If the last partition cannot grow, that stays
 * the reason, even if only the backup would be relocated.
 */
bool lg_update_may(struct lg_look *look)
{
	struct lg_gate gate = { .state = LIVEGROW_STATE_WAITING };
	u32 flags = look->flags | (look->rollback.part ? LG_ROLLBACK_FLAGS : 0);
	bool open = lg_gate_write(look->disk, look->bdev, flags, &look->rule, &gate);

	if (open && !lg_round_is_dry_run(look)) {
		/* A rollback leaves mode auto before its first write, even if that fails. */
		if (look->rollback.part)
			lg_disk_ask(look->disk);
		return true;
	}
	look->awaits_remount = gate.reason == LIVEGROW_REASON_MOUNTED_READ_ONLY;
	if (look->status.state != LIVEGROW_STATE_BLOCKED)
		lg_look_verdict(look, gate.state, gate.reason);
	return false;
}

bool lg_update_may_finish(struct lg_look *look)
{
	u32 flags = look->flags;
	bool may;

	if (look->disk->fitted_sectors)
		look->flags |= LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED;
	may = lg_update_may(look);
	look->flags = flags;
	return may;
}

/* From now on, only space behind the present end of the disk is new. */
static void settle(struct lg_look *look)
{
	look->disk->settled_sectors = lg_round_sectors(look, look->table.last_lba + 1);
}

void lg_update_fit(struct lg_look *look)
{
	struct lg_disk *disk = look->disk;

	disk->fitted_sectors = max(disk->fitted_sectors,
				   lg_round_sectors(look, look->table.last_lba + 1));
}

/* The disk's end is in use: what the host takes back from now on may be lost. */
static void use(struct lg_disk *disk)
{
	disk->used_sectors = disk->settled_sectors;
	disk->fitted_sectors = 0;
}

void lg_update_settle(struct lg_look *look)
{
	if (lg_round_is_dry_run(look))
		return;
	settle(look);
	use(look->disk);
}

int lg_update_execute(struct lg_look *look, const struct lg_plan *plan)
{
	look->status.state = LIVEGROW_STATE_GROWING;
	lg_look_publish(look);
	return lg_commit(look->bdev, &look->table, plan, &look->status.step);
}

static int update(struct lg_look *look, const struct lg_plan *plan)
{
	const struct lg_event event = { .type = LIVEGROW_EVENT_TABLE_UPDATED };
	int err = lg_update_execute(look, plan);

	if (err)
		return err;
	look->status.table_ns = ktime_get_ns();
	look->status.part_ns = 0;
	lg_event_send(look->disk, &look->status, &event);
	return 0;
}

int lg_update_with_buffer(struct lg_look *look,
			  int (*make)(struct lg_look *look, u8 *buffer))
{
	u8 *buffer;
	int next;

	buffer = vmalloc(lg_round_bytes(look, lg_plan_buffer_lbas(&look->table)));
	if (!buffer)
		return -ENOMEM;
	next = make(look, buffer);
	vfree(buffer);
	return next;
}

static int finish(struct lg_look *look, u8 *buffer)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	struct lg_plan plan;

	lg_plan_finish(&look->table, buffer, &plan);
	look->disk->resuming = last ? last->number : 0;
	return update(look, &plan) ?: LG_ROUND_AGAIN;
}

static int commit(struct lg_look *look, u8 *buffer)
{
	struct lg_plan plan;
	int err;

	/* A commit that only corrects the protective MBR's size replaces no table. */
	if (look->goal.relocate) {
		err = lg_keep_table(&look->disk->keep, &look->table, &look->blocks);
		if (err)
			return err;
	}
	lg_plan_commit(&look->table, &look->goal, &look->stale, buffer, &plan);
	if (look->goal.grow_to)
		look->disk->resuming = look->goal.part->number;
	lg_update_fit(look);
	err = update(look, &plan);
	if (err)
		return err;
	/* The new space is not in use yet: the host may still take it back. */
	settle(look);
	return LG_ROUND_AGAIN;
}

int lg_update_finish(struct lg_look *look)
{
	return lg_update_with_buffer(look, finish);
}

int lg_update_commit(struct lg_look *look)
{
	return lg_update_with_buffer(look, commit);
}

void lg_update_live(struct lg_look *look, enum livegrow_event type, u32 number, u64 old,
		    u64 nr_sectors)
{
	const struct lg_event event = { .type = type, .part_old_size = old << SECTOR_SHIFT };
	struct lg_status *status = &look->status;

	look->disk->resuming = 0;
	use(look->disk);
	status->part_ns = ktime_get_ns();
	status->part_size = nr_sectors << SECTOR_SHIFT;
	status->part_reach = status->part_size;
	lg_event_send(look->disk, status, &event);
	pr_info("%s: partition %u %s from %llu to %llu sectors\n", lg_disk_name(look->disk),
		number, type == LIVEGROW_EVENT_ROLLED_BACK ? "rolled back" : "grown", old,
		nr_sectors);
}
