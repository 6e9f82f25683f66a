// SPDX-License-Identifier: GPL-2.0-only
/* Roll back the last partition: commit its old entry, then shrink it live. */
#include <linux/blkdev.h>

#include "part.h"
#include "rollback.h"
#include "update.h"

static int shrink_live(struct lg_look *look, const struct lg_live *live)
{
	sector_t nr_sectors = look->rollback.size >> SECTOR_SHIFT, old;
	int err;

	look->status.step = LIVEGROW_STEP_PARTITION;
	err = lg_part_shrink(look->bdev, live->number, live->start, nr_sectors, &old);
	if (err)
		return err;
	lg_update_live(look, LIVEGROW_EVENT_ROLLED_BACK, live->number, old, nr_sectors);
	return LG_ROUND_AGAIN;
}

/*
 * The table comes first, in a round of its own. If a step fails, the same order given
 * again continues there. Meanwhile a look without an order at most finishes the commit,
 * since table and kernel differ then.
 */
int lg_rollback(struct lg_look *look, const struct lg_live *live)
{
	enum lg_rollback_todo todo;

	todo = lg_rollback_judge(&look->table, live, &look->rollback, &look->goal);
	if (todo == LG_ROLLBACK_REFUSED)
		return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_ROLLBACK);
	if (todo != LG_ROLLBACK_DONE && !lg_update_may(look))
		return 0;
	if (!lg_round_is_dry_run(look)) {
		/* In mode auto the next growth of the disk would take the space again. */
		lg_disk_ask(look->disk);
		/* The smaller entry is not the work of another tool. */
		look->disk->grown = 0;
	}
	if (todo == LG_ROLLBACK_TABLE)
		return lg_update_commit(look);
	if (todo == LG_ROLLBACK_LIVE)
		return shrink_live(look, live);
	look->rollback.part = 0;
	return LG_ROUND_AGAIN;
}
