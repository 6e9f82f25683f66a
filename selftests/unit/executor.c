// SPDX-License-Identifier: GPL-2.0-or-later
/* The module's rounds in small: read, finish or decide, write. */
#include <stdlib.h>
#include <string.h>

#include "executor.h"

#define MAX_ROUNDS 8

static void make_plan(struct look *look, const struct lg_wish *given)
{
	const struct lg_table *table = &look->loaded.table;
	struct lg_wish wish = *given;

	wish.heard_last = wish.heard_last ?: table->last_lba;
	wish.holding.mount = LG_MOUNT_WRITABLE;
	look->buffer = malloc((size_t)lg_plan_buffer_lbas(table) * table->lba_size);
	if (!look->buffer)
		abort();
	if (table->unfinished) {
		lg_plan_finish(table, look->buffer, &look->plan);
		return;
	}
	lg_policy(table, &wish, &look->goal);
	if (look->goal.write)
		lg_plan_commit(table, &look->goal, &look->loaded.stale, look->buffer, &look->plan);
}

void look_at(const struct disk *disk, const struct lg_wish *wish, struct look *look)
{
	memset(look, 0, sizeof(*look));
	look->reason = fixture_load(disk, &look->loaded);
	if (!look->reason)
		make_plan(look, wish);
}

void look_free(struct look *look)
{
	loaded_free(&look->loaded);
	free(look->buffer);
}

bool step_fits(const struct disk *disk, const struct look *look, const struct lg_step *step)
{
	const struct lg_table *table = &look->loaded.table;
	const struct lg_image *before = &step->before;

	return !memcmp(disk_at(disk, 0), before->mbr, disk->lba_size) &&
	       !memcmp(disk_at(disk, 1), before->header, disk->lba_size) &&
	       (!step->over || !memcmp(disk_at(disk, step->lba), step->over,
				       (size_t)step->count * disk->lba_size)) &&
	       (look->is_withdrawn ||
		before->array_lba == get_le(disk_at(disk, 1) + H_ARRAY_LBA, 8)) &&
	       !memcmp(disk_at(disk, before->array_lba), before->array,
		       (size_t)table->array_lbas * disk->lba_size);
}

void step_write(struct disk *disk, const struct lg_step *step)
{
	memcpy(disk_at(disk, step->lba), step->data, (size_t)step->count * disk->lba_size);
}

static u32 run_plan(struct disk *disk, const struct look *look, u32 max_steps)
{
	u32 i;

	for (i = 0; i < look->plan.nr_steps && i < max_steps; i++) {
		if (!step_fits(disk, look, &look->plan.steps[i]))
			return UINT32_MAX;
		step_write(disk, &look->plan.steps[i]);
	}
	return i;
}

u32 disk_settle(struct disk *disk, const struct lg_wish *wish, u32 max_steps)
{
	u32 total = 0, written;
	struct look look;

	for (int round = 0; round < MAX_ROUNDS && total < max_steps; round++) {
		look_at(disk, wish, &look);
		written = run_plan(disk, &look, max_steps - total);
		look_free(&look);
		if (!written)
			break;
		if (written == UINT32_MAX)
			return UINT32_MAX;
		total += written;
	}
	return total;
}
