// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is missing, in the order in which it is done: a dead primary, an
 * unfinished commit, a rollback where one is ordered, a live partition that is
 * behind its entry, a growth. Each round does one and leaves the rest to the next,
 * which reads everything anew. So what a crash, an error or another tool left is
 * met like anything else.
 */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>
#include <livegrow/recover.h>

#include "blockio.h"
#include "commit.h"
#include "event.h"
#include "gate.h"
#include "part.h"
#include "recover.h"
#include "reconcile.h"
#include "rollback.h"

/* Smaller disks hold no table worth growing, and have no room for ours. */
#define MIN_LBAS	8

/* Longer than another tool's table is in the middle of being written. */
#define DEAD_PAUSE_MS	1000

static bool is_dry_run(const struct lg_look *look)
{
	return look->flags & LIVEGROW_FLAG_DRY_RUN;
}

/*
 * What was cut off is gone, though the disk be as large again: before anything
 * grows into that, somebody has to say so.
 */
static bool distrusts(struct lg_look *look)
{
	if (look->flags & LIVEGROW_FLAG_ASKED) {
		if (!is_dry_run(look))
			look->disk->was_shrunk = false;
		return false;
	}
	return look->disk->was_shrunk;
}

/*
 * Whatever is to be written passes here. A partition that cannot grow stays the
 * reason, also where only the backup would be relocated.
 */
static bool may_write(struct lg_look *look)
{
	struct lg_gate gate = { .state = LIVEGROW_STATE_WAITING };
	u32 flags = look->flags | (look->rollback.part ? LG_ROLLBACK_FLAGS : 0);
	bool open = lg_gate_write(look->disk, flags, &gate);

	if (open && !is_dry_run(look))
		return true;
	if (look->status.state != LIVEGROW_STATE_BLOCKED)
		lg_look_verdict(look, gate.state, gate.reason);
	return false;
}

static u64 to_bytes(const struct lg_look *look, u64 lbas)
{
	return lbas * look->table.lba_size;
}

static u64 to_sectors(const struct lg_look *look, u64 lbas)
{
	return to_bytes(look, lbas) >> SECTOR_SHIFT;
}

static u64 heard_last(const struct lg_look *look)
{
	u64 sectors = min(look->disk->settled_sectors, bdev_nr_sectors(look->bdev));

	return (sectors >> (ilog2(bdev_logical_block_size(look->bdev)) - SECTOR_SHIFT)) - 1;
}

/* From here on only what the disk grows by later is new. */
static void settle(struct lg_look *look)
{
	if (!is_dry_run(look))
		look->disk->settled_sectors = to_sectors(look, look->table.last_lba + 1);
}

static void set_status_part(struct lg_look *look, const struct lg_part *part,
			    const struct lg_live *live)
{
	struct lg_status *status = &look->status;

	status->part = part->number;
	status->part_start = to_bytes(look, part->first);
	status->part_size = live->nr_sectors << SECTOR_SHIFT;
	status->part_reach = to_bytes(look, part->last - part->first + 1);
}

static void set_status_goal(struct lg_look *look)
{
	const struct lg_goal *goal = &look->goal;
	const struct lg_gpt_entry *entry;

	lg_look_verdict(look, goal->state, goal->reason);
	if (!goal->part)
		return;
	if (goal->state != LIVEGROW_STATE_BLOCKED)
		look->status.part_reach = to_bytes(look, goal->reach - goal->part->first + 1);
	look->status.free_tail = to_bytes(look, goal->free_tail);
	entry = lg_table_entry(&look->table, goal->part->number);
	look->status.reason_part = goal->part->number;
	look->status.reason_type = lg_type_find(entry->type)->name;
}

static int execute(struct lg_look *look, const struct lg_plan *plan)
{
	look->status.state = LIVEGROW_STATE_GROWING;
	lg_look_publish(look);
	return lg_commit(look->bdev, &look->table, plan, &look->status.step);
}

static int update(struct lg_look *look, const struct lg_plan *plan)
{
	const struct lg_event event = { .type = LIVEGROW_EVENT_TABLE_UPDATED };
	int err = execute(look, plan);

	if (err)
		return err;
	look->status.table_ns = ktime_get_ns();
	look->status.part_ns = 0;
	lg_event_send(look->disk, &look->status, &event);
	return 0;
}

static int with_plan_buffer(struct lg_look *look,
			    int (*make)(struct lg_look *look, u8 *buffer))
{
	u8 *buffer;
	int next;

	buffer = vmalloc(to_bytes(look, lg_plan_buffer_lbas(&look->table)));
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

	/* Where the protective MBR's size is all that changes, no table is replaced. */
	if (look->goal.relocate) {
		err = lg_keep_table(&look->disk->keep, &look->table, &look->blocks);
		if (err)
			return err;
	}
	lg_plan_commit(&look->table, &look->goal, &look->stale, buffer, &plan);
	if (look->goal.grow_to)
		look->disk->resuming = look->goal.part->number;
	err = update(look, &plan);
	if (err)
		return err;
	settle(look);
	return LG_ROUND_AGAIN;
}

static int recover(struct lg_look *look, u8 *over)
{
	const struct lg_event event = { .type = LIVEGROW_EVENT_RECOVERED };
	const u8 *backup = lg_table_backup(&look->blocks, &look->table);
	struct lg_plan plan;
	int err;

	err = lg_block_read(look->bdev, look->table.home_lba, look->table.array_lbas, over);
	if (err)
		return err;
	/* What is being written just now would not be the same then. */
	msleep(DEAD_PAUSE_MS);
	lg_plan_recover(&look->table, lg_recover_dead(look), backup, over, &plan);
	err = execute(look, &plan);
	if (err)
		return err;
	lg_event_send(look->disk, &look->status, &event);
	pr_info("%s: primary GPT written anew from the backup at LBA %llu\n",
		lg_disk_name(look->disk), look->table.alternate);
	return LG_ROUND_AGAIN;
}

static int grow_live(struct lg_look *look, const struct lg_part *part)
{
	struct lg_event event = { .type = LIVEGROW_EVENT_PARTITION_GROWN };
	u64 nr_sectors = to_sectors(look, part->last - part->first + 1);
	struct lg_status *status = &look->status;
	sector_t old;
	int err;

	status->step = LIVEGROW_STEP_PARTITION;
	err = lg_part_grow(look->disk->gendisk, part->number,
			   to_sectors(look, part->first), nr_sectors, &old);
	if (err)
		return err;
	look->disk->resuming = 0;
	look->disk->grown = part->number;
	look->disk->grown_sectors = nr_sectors;
	status->part_ns = ktime_get_ns();
	status->part_size = nr_sectors << SECTOR_SHIFT;
	status->part_reach = status->part_size;
	event.part_old_size = old << SECTOR_SHIFT;
	lg_event_send(look->disk, status, &event);
	pr_info("%s: partition %u grown from %llu to %llu sectors\n",
		lg_disk_name(look->disk), part->number, old, nr_sectors);
	return LG_ROUND_AGAIN;
}

static int pursue(struct lg_look *look, u64 live_last)
{
	struct lg_wish wish = {
		.heard_last = heard_last(look),
		.align = roundup_pow_of_two(max3(SZ_1M, bdev_physical_block_size(look->bdev),
						 (unsigned int)PAGE_SIZE)),
		.flags = look->flags,
	};

	look->disk->resuming = 0;
	/* It was new when it was taken, and then somebody knew the content. */
	if (live_last)
		wish.flags |= LIVEGROW_FLAG_FREE_TAIL | LIVEGROW_FLAG_CONTENT;
	lg_policy(&look->table, &wish, &look->goal);
	if (look->goal.grow_to < live_last)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_TABLE_DIFFERS);
	set_status_goal(look);
	if (look->goal.write)
		return may_write(look) ? with_plan_buffer(look, commit) : 0;
	if (look->goal.state == LIVEGROW_STATE_FULL)
		settle(look);
	return 0;
}

/*
 * The table first, in a round of its own: after every failure the order, given
 * again, goes on where it stopped. No look without one writes meanwhile, since
 * table and kernel differ.
 */
static int roll_back(struct lg_look *look, const struct lg_live *live)
{
	enum lg_rollback_todo todo;

	todo = lg_rollback_judge(&look->table, live, &look->rollback, &look->goal);
	if (todo == LG_ROLLBACK_REFUSED)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_ROLLBACK);
	if (todo != LG_ROLLBACK_DONE && !may_write(look))
		return 0;
	if (!is_dry_run(look)) {
		/* Or else the next growth of the disk would take it all again. */
		lg_disk_set_mode(look->disk, LIVEGROW_MODE_ASK);
		/* And an entry that is smaller is not one that was taken back. */
		look->disk->grown = 0;
	}
	if (todo == LG_ROLLBACK_TABLE)
		return with_plan_buffer(look, commit);
	if (todo == LG_ROLLBACK_LIVE)
		return lg_rollback_live(look, live);
	look->rollback.part = 0;
	return LG_ROUND_AGAIN;
}

/*
 * The one partition that may be larger in the table than live: where our own
 * commit stopped, or where a person has another tool's work finished.
 */
static u32 resuming(const struct lg_look *look, const struct lg_part *last)
{
	if (last && (look->table.unfinished || look->flags & LIVEGROW_FLAG_ASKED ||
		     last->number == look->disk->resuming))
		return last->number;
	return 0;
}

static const struct lg_live *live_of(const struct lg_look *look, const struct lg_part *part)
{
	u32 i;

	for (i = 0; i < look->nr_live; i++)
		if (look->live[i].number == part->number)
			return &look->live[i];
	return NULL;
}

/*
 * Another tool read the table before our commit and wrote it afterwards: the
 * partition is as we made it, and its filesystem may be, but its entry is not.
 * Its last LBA live, or 0 where it is none of ours.
 */
static u64 taken_back(const struct lg_look *look, const struct lg_part *last,
		      const struct lg_live *live)
{
	if (!live || last->number != look->disk->grown ||
	    live->nr_sectors != look->disk->grown_sectors ||
	    live->nr_sectors <= to_sectors(look, last->last - last->first + 1))
		return 0;
	return last->first + live->nr_sectors / to_sectors(look, 1) - 1;
}

/* A rollback, and who makes good what was taken back, know the sizes of their partition. */
static bool agrees(const struct lg_look *look, const struct lg_part *last, u64 live_last)
{
	if (last && (look->rollback.part || live_last))
		return lg_live_agrees_but(&look->table, look->live, look->nr_live, last->number);
	return lg_live_agrees(&look->table, look->live, look->nr_live, resuming(look, last));
}

static int bring(struct lg_look *look)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	const struct lg_live *live;
	u64 live_last;

	look->nr_live = lg_part_list(look->disk->gendisk, look->live, LG_MAX_PARTS);
	live = last ? live_of(look, last) : NULL;
	live_last = taken_back(look, last, live);
	if (!agrees(look, last, live_last))
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_TABLE_DIFFERS);
	if (live)
		set_status_part(look, last, live);
	/* What that tool took for the old backup's place is in the partition. */
	if (live_last)
		look->stale = (struct lg_stale){ 0 };
	if (distrusts(look))
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, LIVEGROW_REASON_WAS_SHRUNK);
	if (look->table.unfinished)
		return may_write(look) ? with_plan_buffer(look, finish) : 0;
	if (look->rollback.part)
		return roll_back(look, live);
	if (live && live->nr_sectors < to_sectors(look, last->last - last->first + 1))
		return may_write(look) ? grow_live(look, last) : 0;
	return pursue(look, live_last);
}

/* Unasked only in a disk that is seen to grow, whose live partitions vouch for it. */
static bool is_vouched(const struct lg_look *look)
{
	return look->flags & LIVEGROW_FLAG_RECOVER ||
	       (look->nr_live && heard_last(look) < look->table.last_lba);
}

static int judge_dead(struct lg_look *look)
{
	enum livegrow_reason reason;
	int err;

	look->nr_live = lg_part_list(look->disk->gendisk, look->live, LG_MAX_PARTS);
	err = lg_recover_load(look, heard_last(look), &reason);
	if (err)
		return err;
	if (reason)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, reason);
	if (distrusts(look))
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, LIVEGROW_REASON_WAS_SHRUNK);
	if (!is_vouched(look))
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_PRIMARY_DAMAGED);
	return may_write(look) ? with_plan_buffer(look, recover) : 0;
}

static int judge_unsound(struct lg_look *look, enum livegrow_reason reason)
{
	switch (reason) {
	case LIVEGROW_REASON_NO_TABLE:
		/* A GPT that somebody makes here later has no older end. */
		settle(look);
		if (distrusts(look))
			return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK,
					       LIVEGROW_REASON_WAS_SHRUNK);
		if (!lg_part_list(look->disk->gendisk, look->live, LG_MAX_PARTS))
			return lg_look_verdict(look, LIVEGROW_STATE_NO_TABLE, reason);
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NOT_GPT);
	case LIVEGROW_REASON_PRIMARY_DAMAGED:
		return judge_dead(look);
	case LIVEGROW_REASON_SHRUNK:
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, reason);
	default:
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, reason);
	}
}

int lg_reconcile(struct lg_look *look)
{
	enum livegrow_reason reason = LIVEGROW_REASON_NONE;
	int next;

	if (bdev_nr_bytes(look->bdev) < MIN_LBAS * bdev_logical_block_size(look->bdev))
		return lg_look_verdict(look, LIVEGROW_STATE_NO_TABLE, LIVEGROW_REASON_NO_TABLE);
	look->status.state = LIVEGROW_STATE_UNKNOWN;
	look->status.step = LIVEGROW_STEP_READ;
	next = lg_table_load(look->bdev, &look->blocks, &look->table, &look->stale, &reason);
	if (!next)
		next = reason ? judge_unsound(look, reason) : bring(look);
	lg_table_unload(&look->blocks);
	return next;
}
