// SPDX-License-Identifier: GPL-2.0-only
/* Questions that each round has about its look. */
#include <linux/log2.h>
#include <linux/minmax.h>

#include "round.h"

/*
 * Data that was cut off stays lost if the disk is enlarged again: a person has to look
 * before anything grows into that space.
 */
bool lg_round_distrusts(struct lg_look *look)
{
	if (look->flags & LIVEGROW_FLAG_ASKED) {
		if (!lg_round_is_dry_run(look))
			look->disk->was_shrunk = false;
		return false;
	}
	return look->disk->was_shrunk;
}

u64 lg_round_heard_last(const struct lg_look *look)
{
	u64 sectors = lg_round_sectors(look, look->table.last_lba + 1);

	return min(look->disk->settled_sectors, sectors) / lg_round_sectors(look, 1) - 1;
}
