// SPDX-License-Identifier: GPL-2.0-only
/* The order to make the last partition smaller, held against what is there. */
#include <livegrow/marker.h>
#include <livegrow/rollback.h>

static u64 lbas_of(const struct lg_part *part)
{
	return part->last - part->first + 1;
}

static bool names(const struct lg_table *table, const struct lg_rollback *order,
		  const struct lg_part *part)
{
	return order->part == part->number && order->start == part->first * table->lba_size &&
	       order->size && order->size % table->lba_size == 0;
}

enum lg_rollback_todo lg_rollback_judge(const struct lg_table *table,
					const struct lg_live *live,
					const struct lg_rollback *order,
					struct lg_goal *goal)
{
	const struct lg_part *part = lg_table_last_part(table);
	u64 lbas = order->size / table->lba_size;

	if (!part || !live || !names(table, order, part) ||
	    order->size > live->nr_sectors * 512 || lbas > lbas_of(part))
		return LG_ROLLBACK_REFUSED;
	if (lbas == lbas_of(part))
		return order->size == live->nr_sectors * 512 ? LG_ROLLBACK_DONE :
							       LG_ROLLBACK_LIVE;
	if (!lg_policy_backup_fits(table) || !lg_marker_has_room(table->header, table->lba_size))
		return LG_ROLLBACK_REFUSED;
	*goal = (struct lg_goal){
		.write = true, .relocate = true,
		.part = part, .grow_to = part->first + lbas - 1,
	};
	return LG_ROLLBACK_TABLE;
}
