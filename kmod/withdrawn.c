// SPDX-License-Identifier: GPL-2.0-only
/*
 * The entry array that LBA 1 names went with the end of the disk, or is unreadable: read
 * the one at its home, hold it against the live partitions, and write LBA 1 for it.
 */
#include <linux/blkdev.h>
#include <linux/ktime.h>
#include <livegrow/withdrawn.h>

#include "event.h"
#include "part.h"
#include "update.h"
#include "withdrawn.h"

/* A partition that is smaller than its entry, by our own commit, may still follow it. */
static void note_resuming(struct lg_look *look)
{
	const struct lg_part *part = look->goal.part;
	const struct lg_live *live = lg_live_find(look->live, look->nr_live, part->number);
	u64 nr_sectors = lg_round_sectors(look, part->last - part->first + 1);

	look->disk->resuming = live && live->nr_sectors < nr_sectors ? part->number : 0;
}

/* The table that was read names the end that the commit was for. */
static const char *cause(const struct lg_look *look)
{
	if (lg_round_bytes(look, look->table.alternate) >= look->status.capacity)
		return "the disk is smaller than its table said";
	return "the entry array that LBA 1 named is unreadable or damaged";
}

static int write(struct lg_look *look, u8 *buffer)
{
	const struct lg_event event = {
		.type = look->flags & LIVEGROW_FLAG_RECOVER ? LIVEGROW_EVENT_RECOVERED :
							      LIVEGROW_EVENT_TABLE_UPDATED,
	};
	struct lg_plan plan;
	int err;

	lg_plan_withdrawn(&look->table, &look->goal, buffer, &plan);
	/* The host may take back more. */
	lg_update_fit(look);
	err = lg_update_execute(look, &plan);
	if (err)
		return err;
	note_resuming(look);
	/* The part of the enlargement that the disk keeps is new space for the next round. */
	if (!look->disk->resuming)
		look->disk->settled_sectors = look->disk->used_sectors;
	look->status.table_ns = ktime_get_ns();
	look->status.part_ns = 0;
	lg_event_send(look->disk, &look->status, &event);
	pr_info("%s: %s: GPT written again for %llu sectors\n", lg_disk_name(look->disk),
		cause(look), lg_round_sectors(look, look->table.last_lba + 1));
	return LG_ROUND_AGAIN;
}

static u64 last_lba(const struct lg_look *look, u64 sectors)
{
	return sectors ? sectors / lg_round_sectors(look, 1) - 1 : 0;
}

int lg_withdrawn(struct lg_look *look, enum livegrow_reason reason)
{
	struct lg_withdrawn known = {
		.live = look->live,
		.used_last = last_lba(look, look->disk->used_sectors),
		.fitted_last = last_lba(look, look->disk->fitted_sectors),
		.is_ordered = look->flags & LIVEGROW_FLAG_RECOVER,
		.is_asked = look->flags & LIVEGROW_FLAG_ASKED,
	};
	enum lg_withdrawn_todo todo;
	bool is_unfinished, may_write;
	int err;

	if (!lg_withdrawn_find(&look->table, reason))
		return LG_WITHDRAWN_NOT;
	err = lg_table_load_array(look->bdev, &look->blocks, &look->table, look->table.home_lba);
	if (err)
		return err;
	look->nr_live = lg_part_list(look->bdev, look->live, LG_MAX_PARTS);
	known.nr_live = look->nr_live;
	is_unfinished = look->table.unfinished;
	todo = lg_withdrawn_judge(&look->table, reason, look->blocks.array, &known, &look->goal);
	if (todo == LG_WITHDRAWN_NOTHING)
		return LG_WITHDRAWN_NOT;
	if (todo == LG_WITHDRAWN_ASK)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_PRIMARY_DAMAGED);
	may_write = is_unfinished ? lg_update_may_finish(look) : lg_update_may(look);
	return may_write ? lg_update_with_buffer(look, write) : 0;
}
