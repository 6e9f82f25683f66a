// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recover a dead primary: read the backups that something names, compare them with the
 * live partitions, and write LBA 1 and the array from one of them.
 */
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/vmalloc.h>
#include <livegrow/recover.h>

#include "blockio.h"
#include "event.h"
#include "othersize.h"
#include "part.h"
#include "recover.h"
#include "update.h"

/* No other tool takes so long from its first write to a table to its last. */
#define DEAD_PAUSE_MS	1000

/* The damaged LBA 1. */
static u8 *dead_header(const struct lg_look *look)
{
	return look->blocks.head + LG_GPT_PRIMARY_LBA * look->table.lba_size;
}

/* Read the backup at @lba. An unsound one counts as none. */
static int read_place(struct lg_look *look, u64 lba, bool *ret_sound)
{
	struct lg_table *table = &look->table;
	u8 *backup = lg_table_backup(&look->blocks, table);
	u64 array_lba;
	int err;

	*ret_sound = false;
	err = lg_block_read(look->bdev, table->lba_size, lba, 1, backup);
	if (err)
		return err;
	if (lg_recover_header(table, dead_header(look), backup, lba,
			      backup + table->lba_size))
		return 0;
	array_lba = lg_recover_array_lba(table, backup);
	if (!array_lba)
		return 0;
	err = lg_table_load_array(look->bdev, &look->blocks, table, array_lba);
	if (!err)
		*ret_sound = !lg_table_read_array(table, look->blocks.array);
	return err;
}

static enum livegrow_reason judge(const struct lg_look *look)
{
	const struct lg_table *table = &look->table;

	if (look->nr_live && !lg_live_agrees(table, look->live, look->nr_live, 0))
		return LIVEGROW_REASON_BACKUP_DIFFERS;
	if (lg_recover_is_stale(table, dead_header(look)))
		return LIVEGROW_REASON_BACKUP_STALE;
	return LIVEGROW_REASON_NONE;
}

static int try_place(struct lg_look *look, u64 lba, enum livegrow_reason *ret_reason)
{
	bool sound;
	int err;

	err = read_place(look, lba, &sound);
	*ret_reason = sound ? judge(look) : LIVEGROW_REASON_BOTH_DAMAGED;
	return err;
}

/* The sound backups, the most reliable one first. */
struct candidates {
	u32 nr;
	u64 lba[LG_MAX_PLACES];
	__le32 array_crc[LG_MAX_PLACES];
};

static void add_candidate(const struct lg_look *look, u64 lba, struct candidates *c)
{
	const struct lg_gpt_header *header = (const void *)look->table.header;

	c->lba[c->nr] = lba;
	c->array_crc[c->nr++] = header->array_crc;
}

/*
 * If there is more than one backup, one of them is of an earlier use of the disk, unless
 * all are the same and the live partitions agree with them.
 */
static bool are_one(const struct lg_look *look, const struct candidates *c)
{
	u32 i;

	for (i = 1; i < c->nr; i++)
		if (!look->nr_live || c->array_crc[i] != c->array_crc[0])
			return false;
	return true;
}

/* Read the chosen backup again, so that table and blocks of the look are its own. */
static int settle_for(struct lg_look *look, const struct candidates *c,
		      enum livegrow_reason *ret_reason)
{
	if (!c->nr)
		return 0;
	if (are_one(look, c))
		return try_place(look, c->lba[0], ret_reason);
	*ret_reason = LIVEGROW_REASON_BACKUP_STALE;
	return 0;
}

static int load(struct lg_look *look, enum livegrow_reason *ret_reason)
{
	struct candidates candidates = { 0 };
	enum livegrow_reason reason;
	u64 places[LG_MAX_PLACES];
	int err, failed = 0;
	u32 nr, i;

	nr = lg_recover_places(&look->table, dead_header(look), lg_round_heard_last(look), places);
	*ret_reason = LIVEGROW_REASON_BOTH_DAMAGED;
	for (i = 0; i < nr; i++) {
		err = try_place(look, places[i], &reason);
		/* A dead LBA 1 can name any block: another place may be readable. */
		if (err) {
			failed = err;
		} else if (!reason && lg_recover_is_named(dead_header(look), places[i])) {
			*ret_reason = LIVEGROW_REASON_NONE;
			return 0;
		} else if (!reason) {
			add_candidate(look, places[i], &candidates);
		} else if (reason != LIVEGROW_REASON_BOTH_DAMAGED) {
			*ret_reason = reason;
		}
	}
	if (failed && !candidates.nr && *ret_reason == LIVEGROW_REASON_BOTH_DAMAGED)
		return failed;
	return settle_for(look, &candidates, ret_reason);
}

/* The kernel may have other partitions after the pause. */
static int check_again(struct lg_look *look)
{
	u32 nr_live = lg_part_list(look->bdev, look->live, LG_MAX_PARTS);

	if (nr_live != look->nr_live || judge(look))
		return -EAGAIN;
	return 0;
}

static int write_primary(struct lg_look *look, u8 *over)
{
	const struct lg_event event = { .type = LIVEGROW_EVENT_RECOVERED };
	const struct lg_table *table = &look->table;
	const u8 *backup = lg_table_backup(&look->blocks, table);
	struct lg_plan plan;
	int err;

	err = lg_block_read(look->bdev, table->lba_size, table->home_lba, table->array_lbas, over);
	if (err)
		return err;
	/* A table that another tool writes just now differs after the pause. */
	msleep(DEAD_PAUSE_MS);
	err = check_again(look);
	if (err || !lg_update_may(look))
		return err;
	lg_plan_recover(table, dead_header(look), backup, over, &plan);
	err = lg_update_execute(look, &plan);
	if (err)
		return err;
	lg_event_send(look->disk, &look->status, &event);
	pr_info("%s: primary GPT written again from the backup at LBA %llu\n",
		lg_disk_name(look->disk), table->alternate);
	return LG_ROUND_AGAIN;
}

/* Without an order, live partitions have to vouch for the backup, on a disk that grew. */
static bool is_vouched(const struct lg_look *look)
{
	return look->flags & LIVEGROW_FLAG_RECOVER ||
	       (look->nr_live && lg_round_heard_last(look) < look->table.last_lba);
}

int lg_recover(struct lg_look *look)
{
	enum livegrow_reason reason;
	struct lg_other other;
	int err;

	look->nr_live = lg_part_list(look->bdev, look->live, LG_MAX_PARTS);
	err = lg_othersize_look(look, &other);
	if (err)
		return err;
	if (other.is_whole)
		return lg_othersize_verdict(look, &other);
	err = load(look, &reason);
	if (err)
		return err;
	if (reason == LIVEGROW_REASON_BOTH_DAMAGED && other.lba_size)
		return lg_othersize_verdict(look, &other);
	if (reason)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, reason);
	if (lg_round_distrusts(look))
		return lg_look_verdict(look, LIVEGROW_STATE_SHRUNK, LIVEGROW_REASON_WAS_SHRUNK);
	if (!is_vouched(look))
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED,
				       LIVEGROW_REASON_PRIMARY_DAMAGED);
	return lg_update_may(look) ? lg_update_with_buffer(look, write_primary) : 0;
}
