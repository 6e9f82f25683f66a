// SPDX-License-Identifier: GPL-2.0-only
/* Look at a disk: run rounds until nothing is left to do, and report the outcome. */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <livegrow/words.h>

#include "answer.h"
#include "event.h"
#include "gate.h"
#include "look.h"
#include "part.h"
#include "reconcile.h"
#include "round.h"

#define MAX_ROUNDS	16	/* after more, another tool keeps undoing the work */
#define PAUSE_MS	20	/* lets another tool finish writing its table */

struct lg_look *lg_look_alloc(struct lg_disk *disk)
{
	struct lg_look *look;

	look = kvzalloc_obj(*look);
	if (look)
		look->disk = disk;
	return look;
}

void lg_look_free(struct lg_look *look)
{
	kvfree(look);
}

int lg_look_verdict(struct lg_look *look, enum livegrow_state state,
		    enum livegrow_reason reason)
{
	look->status.state = state;
	look->status.reason = reason;
	return 0;
}

static void publish(struct lg_look *look, bool ended)
{
	struct lg_disk *disk = look->disk;
	u32 last;

	spin_lock(&disk->lock);
	last = disk->status.look;
	disk->status = look->status;
	/* A client that waits for this look's end compares its number. */
	if (!ended)
		disk->status.look = last;
	spin_unlock(&disk->lock);
}

void lg_look_publish(struct lg_look *look)
{
	publish(look, false);
}

/* Another medium has no history: what it lacks at its end did not grow there. */
static void notice_medium(struct lg_disk *disk)
{
	if (disk->medium == disk->gendisk->diskseq && get_capacity(disk->gendisk))
		return;
	disk->medium = disk->gendisk->diskseq;
	disk->seen_sectors = 0;
	disk->settled_sectors = 0;
	disk->used_sectors = 0;
	disk->answer = (struct lg_answer){ 0 };
	disk->fitted_sectors = 0;
	disk->resuming = 0;
	disk->grown = 0;
	disk->keep.newest_crc = 0;
	disk->was_shrunk = false;
	disk->failure = (struct lg_failure){ 0 };
	WRITE_ONCE(disk->retry_flags, 0);
}

/* Does a live partition reach behind the disk's end? */
static bool cuts_partition(struct lg_look *look, u64 sectors)
{
	u32 i;

	look->nr_live = lg_part_list(look->bdev, look->live, LG_MAX_PARTS);
	for (i = 0; i < look->nr_live; i++)
		if (look->live[i].start + look->live[i].nr_sectors > sectors)
			return true;
	return false;
}

/*
 * Has the disk lost blocks that were in use? If the host takes an enlargement back
 * before anything used it, nothing but a partition that another tool made lies there.
 * At the first look, a partition behind the disk's end shows that the disk became smaller
 * while no module was loaded: the kernel reads no such partition from a table.
 */
static bool is_loss(struct lg_look *look, u64 sectors)
{
	u64 seen = look->disk->seen_sectors;

	if (!seen)
		return cuts_partition(look, sectors);
	return sectors < seen &&
	       (sectors < look->disk->used_sectors || cuts_partition(look, sectors));
}

static void notice_capacity(struct lg_look *look, u64 changed_ns)
{
	struct lg_event event = { .type = LIVEGROW_EVENT_CAPACITY_CHANGED };
	u64 sectors = get_capacity(look->disk->gendisk);
	u64 seen = look->disk->seen_sectors;

	look->status.capacity = sectors << SECTOR_SHIFT;
	if (look->flags & LIVEGROW_FLAG_DRY_RUN)
		return;
	look->disk->was_shrunk |= is_loss(look, sectors);
	look->disk->seen_sectors = sectors;
	if (!seen) {
		look->disk->settled_sectors = sectors;
		look->disk->used_sectors = sectors;
	}
	if (!seen || seen == sectors)
		return;
	look->status.changed_ns = changed_ns ?: ktime_get_ns();
	look->status.table_ns = 0;
	look->status.part_ns = 0;
	event.old_capacity = seen << SECTOR_SHIFT;
	lg_event_send(look->disk, &look->status, &event);
}

/*
 * A look stops if the disk has gone or the module is going, but not between a commit and
 * its live partition: after a reload the module no longer knows that its own commit made
 * the entry larger than the partition.
 */
static bool must_stop(const struct lg_look *look)
{
	return lg_disk_is_gone(look->disk) ||
	       (lg_disks_quiesced() && !look->disk->resuming);
}

static void take_rule(struct lg_look *look, const struct lg_hint *hint)
{
	look->rule = lg_disk_rule(look->disk);
	if (hint->is_limited)
		lg_limits_bound(&look->rule.limits, &hint->limits);
}

/* Has the capacity changed since the round began? */
static bool is_resized(const struct lg_look *look)
{
	return get_capacity(look->disk->gendisk) << SECTOR_SHIFT != look->status.capacity;
}

static int rounds(struct lg_look *look, const struct lg_hint *hint)
{
	u64 changed_ns = hint->changed_ns, seen;
	int i, next = 0;

	for (i = 0; i < MAX_ROUNDS; i++) {
		seen = look->disk->seen_sectors;
		notice_capacity(look, changed_ns);
		changed_ns = 0;
		/* A host that goes on enlarging the disk undoes no work. */
		if (seen != look->disk->seen_sectors)
			i = 0;
		if (must_stop(look))
			return lg_look_verdict(look, LIVEGROW_STATE_UNKNOWN,
					       LIVEGROW_REASON_NONE);
		take_rule(look, hint);
		next = lg_reconcile(look);
		/* The rule changed during the round, so that its verdict may be wrong. */
		if (!next && lg_disk_rule(look->disk).seq != look->rule.seq)
			next = LG_ROUND_AGAIN;
		/* The block that failed may have gone with the disk's old end. */
		if (next == -EAGAIN || next == -EBADMSG || (next < 0 && is_resized(look)))
			msleep(PAUSE_MS);
		else if (next != LG_ROUND_AGAIN)
			return next;
	}
	/* An error that comes back so often is no other tool's doing. */
	if (next < 0 && next != -EAGAIN)
		return next == -EBADMSG ? -EIO : next;
	return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_CHANGED);
}

static void fail(struct lg_look *look, int err)
{
	lg_look_verdict(look, LIVEGROW_STATE_FAILED, LIVEGROW_REASON_STEP_FAILED);
	look->status.error = -err;
}

static void open_failed(struct lg_look *look, int err)
{
	/* The disk is going, or a uevent will announce that it has come. */
	if (err == -ENXIO)
		return;
	/* A filesystem on the whole disk may forbid other writers. */
	if (err == -EBUSY)
		lg_look_verdict(look, LIVEGROW_STATE_HELD, LIVEGROW_REASON_HELD_WHOLE);
	else
		fail(look, err);
}

static void look_at_open(struct lg_look *look, const struct lg_hint *hint,
			 const struct lg_status *last)
{
	int err = 0;

	/* The last writes of a failed look may not be durable. */
	look->status.step = last->step;
	if (last->state == LIVEGROW_STATE_FAILED)
		err = blkdev_issue_flush(look->bdev);
	if (!err)
		err = rounds(look, hint);
	if (err)
		fail(look, err);
}

static void open_and_look(struct lg_look *look, const struct lg_hint *hint,
			  const struct lg_status *last)
{
	struct gendisk *gendisk = look->disk->gendisk;
	struct file *file;

	file = bdev_file_open_by_dev(disk_devt(gendisk),
				     BLK_OPEN_READ | (get_disk_ro(gendisk) ? 0 : BLK_OPEN_WRITE),
				     NULL, NULL);
	if (IS_ERR(file)) {
		open_failed(look, PTR_ERR(file));
		return;
	}
	look->bdev = file_bdev(file);
	/* The disk may be gone, and another disk may have its number. */
	if (look->bdev->bd_disk == gendisk)
		look_at_open(look, hint, last);
	bdev_fput(file);
}

/* Only the times of the newest change are kept from the last look. */
static void begin(struct lg_look *look, const struct lg_hint *hint)
{
	struct lg_status last = lg_disk_status(look->disk);

	notice_medium(look->disk);
	look->flags = hint->flags;
	if (hint->flags & LIVEGROW_FLAG_SHRUNK && !lg_round_is_dry_run(look))
		look->disk->was_shrunk = true;
	look->rollback = hint->rollback;
	look->is_limited = hint->is_limited;
	look->awaits_remount = false;
	look->status = (struct lg_status){
		.capacity = get_capacity(look->disk->gendisk) << SECTOR_SHIFT,
		.lba_size = queue_logical_block_size(look->disk->gendisk->queue),
		.look = hint->look,
		.changed_ns = last.changed_ns,
		.table_ns = last.table_ns,
		.part_ns = last.part_ns,
	};
	lg_answer_take(look, hint);
}

static enum livegrow_event event_of(enum livegrow_state state)
{
	switch (state) {
	case LIVEGROW_STATE_FULL:
	case LIVEGROW_STATE_NO_TABLE:
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

/* A refusal or failure is reported once, and again when the capacity or the cause changes. */
static bool is_news(const struct lg_status *now, const struct lg_status *last)
{
	return now->state != last->state || now->reason != last->reason ||
	       now->capacity != last->capacity || now->step != last->step ||
	       now->error != last->error;
}

bool lg_look_has_failed(const struct lg_look *look)
{
	return look->status.state == LIVEGROW_STATE_FAILED;
}

bool lg_look_has_switched(const struct lg_look *look)
{
	return lg_look_has_failed(look) && look->status.step >= LIVEGROW_STEP_SWITCH;
}

static bool awaits_growctl(const struct lg_look *look)
{
	return look->status.reason == LIVEGROW_REASON_CONTENT_AWAITED ||
	       look->status.reason == LIVEGROW_REASON_USE_AWAITED;
}

bool lg_look_may_pass(const struct lg_look *look)
{
	/* Nothing announces a mount, or a remount. */
	if (look->awaits_remount || look->status.reason == LIVEGROW_REASON_MOUNTED_READ_ONLY ||
	    awaits_growctl(look))
		return true;
	if (!lg_look_has_failed(look))
		return false;
	switch (look->status.error) {
	case EACCES:
	case EINVAL:
	case EOPNOTSUPP:
	case EPERM:
	case EROFS:
		return false;
	default:
		return true;
	}
}

bool lg_look_repeats_failure(const struct lg_look *look)
{
	const struct lg_failure *last = &look->disk->failure;

	if (!last->error || last->capacity != look->status.capacity)
		return false;
	return awaits_growctl(look) ||
	       (lg_look_has_failed(look) && last->step == look->status.step &&
		last->error == look->status.error);
}

static void keep_failure(struct lg_look *look)
{
	struct lg_failure *last = &look->disk->failure;

	if (lg_look_has_failed(look))
		*last = (struct lg_failure){
			.capacity = look->status.capacity,
			.step = look->status.step,
			.error = look->status.error,
		};
	else if (!lg_look_repeats_failure(look))
		*last = (struct lg_failure){ 0 };
}

static void log_failure(const struct lg_look *look)
{
	const char *name = lg_disk_name(look->disk), *step = lg_step_words(look->status.step);

	if (lg_look_may_pass(look))
		pr_err("%s: %s failed with errno %d: trying again until it succeeds\n", name,
		       step, look->status.error);
	else
		pr_err("%s: %s failed with errno %d. Try: growctl grow %s\n", name, step,
		       look->status.error, name);
}

static void report(const struct lg_look *look, enum livegrow_event type)
{
	const struct lg_event event = { .type = type };

	if (type == LIVEGROW_EVENT_FAILED)
		log_failure(look);
	lg_event_send(look->disk, &look->status, &event);
}

/* A retry that asks growctl again reports neither the wait nor the same failure. */
static void end_news(struct lg_look *look, const struct lg_status *last)
{
	enum livegrow_event type = event_of(look->status.state);

	if (type != LIVEGROW_EVENT_NONE && is_news(&look->status, last) &&
	    !lg_look_repeats_failure(look))
		report(look, type);
	keep_failure(look);
}

static void end(struct lg_look *look, const struct lg_status *last)
{
	const struct lg_event settled = {
		.type = LIVEGROW_EVENT_SETTLED, .flags = look->flags,
	};

	if (look->status.state != LIVEGROW_STATE_FAILED)
		look->status.step = LIVEGROW_STEP_NONE;
	if (!(look->flags & LIVEGROW_FLAG_DRY_RUN)) {
		publish(look, true);
		end_news(look, last);
	}
	lg_event_send(look->disk, &look->status, &settled);
}

void lg_look(struct lg_look *look, const struct lg_hint *hint)
{
	/* The disk may be the one that memory would be reclaimed to. */
	unsigned int noio = memalloc_noio_save();
	struct lg_status last = lg_disk_status(look->disk);
	struct lg_gate gate;

	begin(look, hint);
	if (!lg_gate_look(look->disk, &gate))
		lg_look_verdict(look, gate.state, gate.reason);
	else if (look->status.capacity && lg_disk_is_live(look->disk))
		open_and_look(look, hint, &last);
	end(look, &last);
	memalloc_noio_restore(noio);
}
