// SPDX-License-Identifier: GPL-2.0-only
/*
 * A look goes in rounds. Each reads everything anew, does the first thing that
 * is missing, and leaves the rest to the next: an unfinished commit, a live
 * partition that is behind its entry, a growth. So what a crash, an error or
 * another tool left is met like anything else.
 */
#include <linux/blkdev.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <linux/vmalloc.h>
#include <livegrow/live.h>
#include <livegrow/plan.h>

#include "commit.h"
#include "disk.h"
#include "event.h"
#include "gate.h"
#include "look.h"
#include "part.h"
#include "table.h"

#define MAX_ROUNDS	16	/* more of them, and somebody works against us */

/* What a round returns besides 0, the verdict stands, and negative errnos. */
#define AGAIN		1

/* Smaller disks hold no table worth growing, and have no room for ours. */
#define MIN_LBAS	8

struct look {
	struct lg_disk *disk;
	u32 flags;
	struct block_device *bdev;
	struct lg_status status;
	struct lg_table_blocks blocks;
	struct lg_table table;
	struct lg_stale stale;
	struct lg_goal goal;
	u32 nr_live;
	struct lg_live live[LG_MAX_PARTS];
};

static void tell(struct look *look, enum livegrow_event type)
{
	const struct lg_event event = { .type = type };

	lg_event_send(look->disk, &look->status, &event);
}

static void publish(struct look *look)
{
	spin_lock(&look->disk->lock);
	look->disk->status = look->status;
	spin_unlock(&look->disk->lock);
}

static int verdict(struct look *look, enum livegrow_state state,
		   enum livegrow_reason reason)
{
	look->status.state = state;
	look->status.reason = reason;
	return 0;
}

static bool may_write(struct look *look)
{
	struct lg_gate gate;

	if (!lg_gate_write(look->disk, look->flags, &gate))
		verdict(look, gate.state, gate.reason);
	else if (!(look->flags & LIVEGROW_FLAG_DRY_RUN))
		return true;
	else if (look->status.state != LIVEGROW_STATE_BLOCKED)
		verdict(look, LIVEGROW_STATE_WAITING, LIVEGROW_REASON_NONE);
	return false;
}

static u64 to_bytes(const struct look *look, u64 lbas)
{
	return lbas * look->table.lba_size;
}

static u64 to_sectors(const struct look *look, u64 lbas)
{
	return to_bytes(look, lbas) >> SECTOR_SHIFT;
}

static u64 heard_last(const struct look *look)
{
	u64 sectors = min(look->disk->settled_sectors, bdev_nr_sectors(look->bdev));

	return (sectors >> (ilog2(bdev_logical_block_size(look->bdev)) - SECTOR_SHIFT)) - 1;
}

static void set_status_part(struct look *look, const struct lg_live *live)
{
	const struct lg_part *part = lg_table_last_part(&look->table);
	struct lg_status *status = &look->status;

	status->part = part->number;
	status->part_start = to_bytes(look, part->first);
	status->part_size = live->nr_sectors << SECTOR_SHIFT;
	status->part_reach = status->part_size;
}

static void set_status_goal(struct look *look)
{
	const struct lg_goal *goal = &look->goal;
	const struct lg_gpt_entry *entry;

	verdict(look, goal->state, goal->reason);
	if (!goal->part)
		return;
	if (goal->state != LIVEGROW_STATE_BLOCKED)
		look->status.part_reach = to_bytes(look, goal->reach - goal->part->first + 1);
	look->status.free_tail = to_bytes(look, goal->free_tail);
	entry = lg_table_entry(&look->table, goal->part->number);
	look->status.reason_part = goal->part->number;
	look->status.reason_type = lg_type_find(entry->type)->name;
}

static int execute(struct look *look, const struct lg_plan *plan)
{
	int err;

	look->status.state = LIVEGROW_STATE_GROWING;
	publish(look);
	err = lg_commit(look->bdev, &look->table, plan, &look->status.step);
	if (err)
		return err;
	look->status.table_ns = ktime_get_ns();
	tell(look, LIVEGROW_EVENT_TABLE_UPDATED);
	return 0;
}

static int with_plan_buffer(struct look *look, int (*make)(struct look *look, u8 *buffer))
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

static int finish(struct look *look, u8 *buffer)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	struct lg_plan plan;

	lg_plan_finish(&look->table, buffer, &plan);
	look->disk->resuming = last ? last->number : 0;
	return execute(look, &plan) ?: AGAIN;
}

static int commit(struct look *look, u8 *buffer)
{
	struct lg_plan plan;
	int err;

	lg_plan_commit(&look->table, &look->goal, &look->stale, buffer, &plan);
	if (look->goal.grow_to)
		look->disk->resuming = look->goal.part->number;
	err = execute(look, &plan);
	if (err)
		return err;
	look->disk->settled_sectors = to_sectors(look, look->table.last_lba + 1);
	return AGAIN;
}

static int grow_live(struct look *look, const struct lg_part *part)
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
	status->part_ns = ktime_get_ns();
	status->part_size = nr_sectors << SECTOR_SHIFT;
	status->part_reach = status->part_size;
	event.part_old_size = old << SECTOR_SHIFT;
	lg_event_send(look->disk, status, &event);
	pr_info("%s: partition %u grown from %llu to %llu sectors\n",
		lg_disk_name(look->disk), part->number, old, nr_sectors);
	return AGAIN;
}

static int pursue(struct look *look)
{
	struct lg_wish wish = {
		.heard_last = heard_last(look),
		.align = roundup_pow_of_two(max3(SZ_1M, bdev_physical_block_size(look->bdev),
						 (unsigned int)PAGE_SIZE)),
		.flags = look->flags,
	};

	look->disk->resuming = 0;
	lg_policy(&look->table, &wish, &look->goal);
	set_status_goal(look);
	if (look->goal.write)
		return may_write(look) ? with_plan_buffer(look, commit) : 0;
	if (look->goal.state == LIVEGROW_STATE_FULL)
		look->disk->settled_sectors = to_sectors(look, look->table.last_lba + 1);
	return 0;
}

/* The one partition that may be larger in the table than live: ours, or what a
 * person has another tool's work finished with.
 */
static u32 resuming(const struct look *look, const struct lg_part *last)
{
	if (last && (look->table.unfinished || look->flags & LIVEGROW_FLAG_ASKED))
		return last->number;
	return look->disk->resuming;
}

static const struct lg_live *live_of(const struct look *look, const struct lg_part *part)
{
	u32 i;

	for (i = 0; i < look->nr_live; i++)
		if (look->live[i].number == part->number)
			return &look->live[i];
	return NULL;
}

static int bring(struct look *look)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	const struct lg_live *live;

	look->nr_live = lg_part_list(look->disk->gendisk, look->live, LG_MAX_PARTS);
	if (!lg_live_agrees(&look->table, look->live, look->nr_live, resuming(look, last)))
		return verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_TABLE_DIFFERS);
	live = last ? live_of(look, last) : NULL;
	if (live)
		set_status_part(look, live);
	if (look->table.unfinished)
		return may_write(look) ? with_plan_buffer(look, finish) : 0;
	if (live && live->nr_sectors < to_sectors(look, last->last - last->first + 1))
		return may_write(look) ? grow_live(look, last) : 0;
	return pursue(look);
}

static int judge_unsound(struct look *look, enum livegrow_reason reason)
{
	switch (reason) {
	case LIVEGROW_REASON_NO_TABLE:
		if (!lg_part_list(look->disk->gendisk, look->live, LG_MAX_PARTS))
			return verdict(look, LIVEGROW_STATE_NO_TABLE, reason);
		return verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NOT_GPT);
	case LIVEGROW_REASON_SHRUNK:
		return verdict(look, LIVEGROW_STATE_SHRUNK, reason);
	default:
		return verdict(look, LIVEGROW_STATE_BLOCKED, reason);
	}
}

static int one_round(struct look *look)
{
	enum livegrow_reason reason = LIVEGROW_REASON_NONE;
	int next;

	look->status.step = LIVEGROW_STEP_READ;
	next = lg_table_load(look->bdev, heard_last(look), &look->blocks, &look->table,
			     &look->stale, &reason);
	if (!next)
		next = reason ? judge_unsound(look, reason) : bring(look);
	lg_table_unload(&look->blocks);
	return next == -EAGAIN ? AGAIN : next;
}

static int rounds(struct look *look)
{
	int i, next = AGAIN;

	if (bdev_nr_bytes(look->bdev) < MIN_LBAS * bdev_logical_block_size(look->bdev))
		return verdict(look, LIVEGROW_STATE_NO_TABLE, LIVEGROW_REASON_NO_TABLE);
	for (i = 0; i < MAX_ROUNDS && next == AGAIN; i++)
		next = one_round(look);
	if (next == AGAIN)
		return verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_CHANGED);
	return next;
}

static void fail(struct look *look, int err)
{
	verdict(look, LIVEGROW_STATE_FAILED, LIVEGROW_REASON_STEP_FAILED);
	look->status.error = -err;
	pr_err("%s: step %d failed with errno %d\n", lg_disk_name(look->disk),
	       look->status.step, -err);
}

static void open_and_look(struct look *look)
{
	struct file *file;
	int err;

	file = bdev_file_open_by_dev(disk_devt(look->disk->gendisk),
				     BLK_OPEN_READ | BLK_OPEN_WRITE, NULL, NULL);
	if (IS_ERR(file)) {
		/* It is going, or it is coming: then a uevent announces it. */
		if (PTR_ERR(file) != -ENXIO)
			fail(look, PTR_ERR(file));
		return;
	}
	look->bdev = file_bdev(file);
	err = rounds(look);
	if (err)
		fail(look, err);
	bdev_fput(file);
}

/* Starts from what is kept of the last look: the times of the newest change. */
static void begin(struct look *look, const struct lg_hint *hint)
{
	struct lg_status last = lg_disk_status(look->disk);

	look->status = (struct lg_status){
		.capacity = get_capacity(look->disk->gendisk) << SECTOR_SHIFT,
		.lba_size = queue_logical_block_size(look->disk->gendisk->queue),
		.look = hint->look,
		.changed_ns = last.changed_ns,
		.table_ns = last.table_ns,
		.part_ns = last.part_ns,
	};
}

static void notice_capacity(struct look *look, const struct lg_hint *hint)
{
	struct lg_event event = { .type = LIVEGROW_EVENT_CAPACITY_CHANGED };
	u64 sectors = look->status.capacity >> SECTOR_SHIFT;
	u64 seen = look->disk->seen_sectors;

	look->disk->seen_sectors = sectors;
	if (!seen)
		look->disk->settled_sectors = sectors;
	if (!seen || seen == sectors)
		return;
	look->status.changed_ns = hint->changed_ns ?: ktime_get_ns();
	look->status.table_ns = 0;
	look->status.part_ns = 0;
	event.old_capacity = seen << SECTOR_SHIFT;
	lg_event_send(look->disk, &look->status, &event);
}

static enum livegrow_event event_of(enum livegrow_state state)
{
	switch (state) {
	case LIVEGROW_STATE_FULL:
	case LIVEGROW_STATE_UNKNOWN:
	case LIVEGROW_STATE_UNMANAGED:
		return LIVEGROW_EVENT_NONE;
	case LIVEGROW_STATE_SHRUNK:
		return LIVEGROW_EVENT_SHRUNK;
	case LIVEGROW_STATE_FAILED:
		return LIVEGROW_EVENT_FAILED;
	default:
		return LIVEGROW_EVENT_BLOCKED;
	}
}

/* A refusal is told once, and again when the capacity or the reason changes. */
static bool is_news(const struct lg_status *now, const struct lg_status *last)
{
	return now->state != last->state || now->reason != last->reason ||
	       now->capacity != last->capacity || now->step != last->step;
}

static void end(struct look *look)
{
	struct lg_event settled = { .type = LIVEGROW_EVENT_SETTLED, .flags = look->flags };
	struct lg_status last = lg_disk_status(look->disk);
	enum livegrow_event type = event_of(look->status.state);

	if (look->status.state != LIVEGROW_STATE_FAILED)
		look->status.step = LIVEGROW_STEP_NONE;
	if (!(look->flags & LIVEGROW_FLAG_DRY_RUN)) {
		publish(look);
		if (type != LIVEGROW_EVENT_NONE && is_news(&look->status, &last))
			tell(look, type);
	}
	lg_event_send(look->disk, &look->status, &settled);
}

static void look_at(struct look *look, const struct lg_hint *hint)
{
	struct lg_gate gate;

	begin(look, hint);
	if (!look->status.capacity) {
		/* No medium, or not yet. */
	} else if (!lg_gate_look(look->disk, &gate)) {
		verdict(look, gate.state, gate.reason);
	} else {
		if (!(look->flags & LIVEGROW_FLAG_DRY_RUN))
			notice_capacity(look, hint);
		open_and_look(look);
	}
	end(look);
}

static void out_of_memory(struct lg_disk *disk, const struct lg_hint *hint)
{
	spin_lock(&disk->lock);
	disk->status.look = hint->look;
	disk->status.state = LIVEGROW_STATE_FAILED;
	disk->status.reason = LIVEGROW_REASON_STEP_FAILED;
	disk->status.step = LIVEGROW_STEP_NONE;
	disk->status.error = ENOMEM;
	spin_unlock(&disk->lock);
}

void lg_look(struct lg_disk *disk, const struct lg_hint *hint)
{
	/* The disk may be the one that memory would be reclaimed to. */
	unsigned int noio = memalloc_noio_save();
	struct look *look;

	look = kvzalloc(sizeof(*look), GFP_KERNEL);
	if (look) {
		look->disk = disk;
		look->flags = hint->flags;
		look_at(look, hint);
		kvfree(look);
	} else {
		out_of_memory(disk, hint);
	}
	memalloc_noio_restore(noio);
}
