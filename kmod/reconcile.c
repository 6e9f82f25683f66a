// SPDX-License-Identifier: GPL-2.0-only
/*
 * Find what is missing and do it. A round mends a commit whose new end the host withdrew
 * or a dead primary, finishes a commit, carries out a rollback that was ordered, makes a
 * live partition as large as its entry, or grows the last partition. It does the first of
 * these that is due and leaves the rest to the next round, which reads everything again.
 * So the module handles what a crash, an error or another tool left like any other state.
 */
#include <linux/blkdev.h>
#include <linux/log2.h>
#include <linux/minmax.h>

#include "answer.h"
#include "endmeta.h"
#include "gate.h"
#include "holding.h"
#include "part.h"
#include "reconcile.h"
#include "recover.h"
#include "rollback.h"
#include "update.h"
#include "withdrawn.h"

static void set_status_part(struct lg_look *look, const struct lg_part *part,
			    const struct lg_live *live)
{
	struct lg_status *status = &look->status;

	status->part = part->number;
	status->part_start = lg_round_bytes(look, part->first);
	status->part_size = live->nr_sectors << SECTOR_SHIFT;
	status->part_reach = lg_round_bytes(look, part->last - part->first + 1);
}

/* Describe the last partition, for the reason's text. */
static const char *part_words(const struct lg_look *look, const struct lg_wish *wish)
{
	if (look->goal.reason == LIVEGROW_REASON_PART_HOLDS)
		return lg_content_words(wish->holding.content);
	if (wish->endmeta)
		return wish->endmeta->words;
	return lg_type_find(lg_table_entry(&look->table, look->goal.part->number)->type)->name;
}

static void set_status_goal(struct lg_look *look, const struct lg_wish *wish)
{
	const struct lg_goal *goal = &look->goal;

	lg_look_verdict(look, goal->state, goal->reason);
	if (!goal->part)
		return;
	if (goal->state != LIVEGROW_STATE_BLOCKED)
		look->status.part_reach = lg_round_bytes(look, goal->reach - goal->part->first + 1);
	look->status.free_tail = lg_round_bytes(look, goal->free_tail);
	look->status.reason_part = goal->part->number;
	look->status.reason_type = part_words(look, wish);
}

static int grow_live(struct lg_look *look, const struct lg_part *part)
{
	u64 nr_sectors = lg_round_sectors(look, part->last - part->first + 1);
	sector_t old;
	int err;

	look->status.step = LIVEGROW_STEP_PARTITION;
	err = lg_part_grow(look->bdev, part->number,
			   lg_round_sectors(look, part->first), nr_sectors, &old);
	if (err)
		return err;
	look->disk->grown = part->number;
	look->disk->grown_sectors = nr_sectors;
	lg_update_live(look, LIVEGROW_EVENT_PARTITION_GROWN, part->number, old, nr_sectors);
	return LG_ROUND_AGAIN;
}

/*
 * A partition whose type may grow can hold a content that must not. If another tool took a
 * growth back, the content was judged before, and the end in the table is in the middle of it.
 */
static int judge(struct lg_look *look, struct lg_wish *wish)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	int err = 0;

	if (!wish->live_last && lg_policy_may_grow(&look->table, wish))
		err = lg_endmeta_read(look, last, &wish->endmeta) ?:
		      lg_holding_read(look, last, &wish->holding);
	look->status.part_held = wish->holding.is_held;
	if (!err)
		lg_policy(&look->table, wish, &look->goal);
	return err;
}

/*
 * How its partition is used decides about a growth. If only the backup is to be relocated,
 * how the disk is used decides, since a person may be looking into a copy. growctl sees the
 * uses that the kernel does not show.
 */
static enum livegrow_reason use_forbids(const struct lg_look *look)
{
	const u32 known = LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_CONTENT;

	if (look->goal.grow_to || look->flags & known ||
	    lg_part_use(look->bdev) != LG_USE_UNSEEN)
		return LIVEGROW_REASON_NONE;
	switch (lg_answer_now(look)) {
	case LIVEGROW_REASON_CONTENT_AWAITED:
		return LIVEGROW_REASON_USE_AWAITED;
	case LIVEGROW_REASON_MOUNTED_READ_ONLY:
		return LIVEGROW_REASON_MOUNTED_READ_ONLY;
	default:
		return LIVEGROW_REASON_NONE;
	}
}

static bool may_write(struct lg_look *look)
{
	enum livegrow_reason forbids = use_forbids(look);
	struct lg_gate gate;

	if (!forbids ||
	    !lg_gate_write(look->disk, look->bdev, look->flags, &look->rule, &gate))
		return lg_update_may(look);
	if (forbids == LIVEGROW_REASON_USE_AWAITED && !lg_round_is_dry_run(look))
		lg_answer_await(look);
	look->awaits_remount = forbids == LIVEGROW_REASON_MOUNTED_READ_ONLY;
	if (!look->awaits_remount || look->status.state != LIVEGROW_STATE_BLOCKED)
		lg_look_verdict(look, LIVEGROW_STATE_WAITING, forbids);
	return false;
}

static int write(struct lg_look *look, u64 live_last)
{
	int next;

	if (!may_write(look))
		return 0;
	next = lg_update_commit(look);
	/* Without a partition that grows there is no other message. */
	if (next == LG_ROUND_AGAIN && live_last)
		pr_info("%s: another tool had made partition %u smaller in the table alone\n",
			lg_disk_name(look->disk), look->goal.part->number);
	else if (next == LG_ROUND_AGAIN && !look->goal.grow_to)
		pr_info("%s: GPT fitted to the disk's end\n", lg_disk_name(look->disk));
	return next;
}

/* Ask growctl only about a disk that its answer would let the module write to. */
static int await_answer(struct lg_look *look)
{
	struct lg_gate gate;

	if (!lg_gate_write(look->disk, look->bdev, look->flags, &look->rule, &gate))
		return lg_look_verdict(look, gate.state, gate.reason);
	if (!lg_round_is_dry_run(look))
		lg_answer_await(look);
	return 0;
}

static u32 alignment(const struct lg_look *look)
{
	u32 align = look->rule.limits.align ?: LG_ALIGN_BYTES;

	return roundup_pow_of_two(max3(align, (u32)PAGE_SIZE,
				       (u32)bdev_physical_block_size(look->bdev)));
}

static int pursue(struct lg_look *look, u64 live_last)
{
	struct lg_wish wish = {
		.heard_last = lg_round_heard_last(look),
		.live_last = live_last,
		.limits = look->rule.limits,
		.is_once = look->is_limited,
		.align = alignment(look),
		.flags = look->flags,
	};
	int err;

	look->disk->resuming = 0;
	/* The content permitted the growth that another tool took back. */
	if (live_last)
		wish.flags |= LIVEGROW_FLAG_CONTENT;
	err = judge(look, &wish);
	if (err)
		return err;
	look->status.reason_part = 0;
	if (look->goal.grow_to < live_last)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_TABLE_DIFFERS);
	set_status_goal(look, &wish);
	if (look->goal.write)
		return write(look, live_last);
	if (look->goal.reason == LIVEGROW_REASON_CONTENT_AWAITED)
		return await_answer(look);
	/* Space that only one command's limits left stays new. */
	if (look->goal.state == LIVEGROW_STATE_FULL && !(look->is_limited && look->goal.reason))
		lg_update_settle(look);
	return 0;
}

/*
 * One partition may be larger in the table than live, if the module's own commit stopped
 * there, perhaps before a reload, so that only userspace knows it, or if a person has
 * another tool's work finished. Return: its number, or 0.
 */
static u32 resuming(const struct lg_look *look, const struct lg_part *last)
{
	const u32 known = LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_RESUME;

	if (last && (look->flags & known || last->number == look->disk->resuming))
		return last->number;
	return 0;
}

/*
 * Another tool read the table before the module's commit and wrote it afterwards: the
 * partition, and perhaps its filesystem, has the new size, but the entry has the old one.
 * Return: the partition's last live LBA, or 0 if the module has not grown it so.
 */
static u64 taken_back(const struct lg_look *look, const struct lg_part *last,
		      const struct lg_live *live)
{
	if (!live || last->number != look->disk->grown ||
	    live->nr_sectors != look->disk->grown_sectors ||
	    live->nr_sectors <= lg_round_sectors(look, last->last - last->first + 1))
		return 0;
	return last->first + live->nr_sectors / lg_round_sectors(look, 1) - 1;
}

/*
 * A rollback and a growth that another tool took back find another size in the table. The
 * end of an unfinished commit does not change which table is in force.
 */
static bool agrees(const struct lg_look *look, const struct lg_part *last, u64 live_last)
{
	if (last && (look->table.unfinished || look->rollback.part || live_last))
		return lg_live_agrees_but(&look->table, look->live, look->nr_live, last->number);
	return lg_live_agrees(&look->table, look->live, look->nr_live, resuming(look, last));
}

/* Userspace may know why only the last partition is smaller live. */
static int disagree(struct lg_look *look, const struct lg_part *last,
		    const struct lg_live *live)
{
	look->status.reason_part = 0;
	if (live && lg_live_agrees(&look->table, look->live, look->nr_live, last->number)) {
		set_status_part(look, last, live);
		look->status.reason_part = last->number;
	}
	return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_TABLE_DIFFERS);
}

static int bring(struct lg_look *look)
{
	const struct lg_part *last = lg_table_last_part(&look->table);
	const struct lg_live *live;
	u64 live_last;

	look->nr_live = lg_part_list(look->bdev, look->live, LG_MAX_PARTS);
	live = last ? lg_live_find(look->live, look->nr_live, last->number) : NULL;
	live_last = taken_back(look, last, live);
	if (!agrees(look, last, live_last))
		return disagree(look, last, live);
	if (live)
		set_status_part(look, last, live);
	/* The old backup's place, as that tool's table names it, lies in the partition. */
	if (live_last)
		look->stale = (struct lg_stale){ 0 };
	/* A rollback uses no space whose data may be lost. */
	if (!look->rollback.part && lg_round_distrusts(look))
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, LIVEGROW_REASON_WAS_SHRUNK);
	if (look->table.unfinished)
		return lg_update_may_finish(look) ? lg_update_finish(look) : 0;
	if (look->rollback.part)
		return lg_rollback(look, live);
	if (live && live->nr_sectors < lg_round_sectors(look, last->last - last->first + 1))
		return lg_update_may_finish(look) ? grow_live(look, last) : 0;
	return pursue(look, live_last);
}

static int no_table(struct lg_look *look)
{
	if (lg_round_distrusts(look))
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, LIVEGROW_REASON_WAS_SHRUNK);
	if (!lg_part_list(look->bdev, look->live, LG_MAX_PARTS))
		return lg_look_verdict(look, LIVEGROW_STATE_NO_TABLE, LIVEGROW_REASON_NO_TABLE);
	return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_NOT_GPT);
}

static int judge_unsound(struct lg_look *look, enum livegrow_reason reason)
{
	switch (reason) {
	case LIVEGROW_REASON_NO_TABLE:
		/* A GPT that is made here later has no older end. */
		lg_update_settle(look);
		return no_table(look);
	case LIVEGROW_REASON_PRIMARY_DAMAGED:
		return lg_recover(look);
	case LIVEGROW_REASON_SHRUNK:
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, reason);
	default:
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, reason);
	}
}

/* Reading the table failed with @err, or found it unsound for @reason. */
static int mend(struct lg_look *look, int err, enum livegrow_reason reason)
{
	int next = err == -ENOMEM ? LG_WITHDRAWN_NOT : lg_withdrawn(look, reason);

	if (next != LG_WITHDRAWN_NOT)
		return next;
	return err ?: judge_unsound(look, reason);
}

int lg_reconcile(struct lg_look *look)
{
	enum livegrow_reason reason = LIVEGROW_REASON_NONE;
	u64 lbas;
	int next;

	/* They are read once a round, since both can change at any time. */
	look->table.lba_size = bdev_logical_block_size(look->bdev);
	lbas = bdev_nr_bytes(look->bdev) >> ilog2(look->table.lba_size);
	if (lbas < LG_MIN_LBAS)
		return no_table(look);
	look->table.last_lba = lbas - 1;
	look->table.header = NULL;
	look->status.state = LIVEGROW_STATE_UNKNOWN;
	look->status.step = LIVEGROW_STEP_READ;
	next = lg_table_load(look->bdev, &look->blocks, &look->table, &look->stale, &reason);
	if (next || reason)
		next = mend(look, next, reason);
	else
		next = bring(look);
	lg_table_unload(&look->blocks);
	return next;
}
