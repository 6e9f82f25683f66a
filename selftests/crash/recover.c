// SPDX-License-Identifier: GPL-2.0-or-later
/* Around the same core as the module. */
#include <stdlib.h>
#include <string.h>

#include "recover.h"

#define BOTH LIVEGROW_REASON_BOTH_DAMAGED

static bool is_sound_at(const struct disk *disk, struct recovery *r, u64 lba)
{
	const u8 *backup = disk_at(disk, lba);
	u64 array;

	if (lg_recover_header(&r->table, disk_at(disk, 1), backup, lba, r->made))
		return false;
	array = lg_recover_array_lba(&r->table, backup);
	return array && !lg_table_read_array(&r->table, disk_at(disk, array));
}

static enum livegrow_reason try_place(const struct disk *disk, const struct kernel *kernel,
				      struct recovery *r, u64 lba)
{
	if (!is_sound_at(disk, r, lba))
		return BOTH;
	if (kernel->nr_live && !lg_live_agrees(&r->table, kernel->live, kernel->nr_live, 0))
		return LIVEGROW_REASON_BACKUP_DIFFERS;
	if (lg_recover_is_stale(&r->table, disk_at(disk, 1)))
		return LIVEGROW_REASON_BACKUP_STALE;
	return LIVEGROW_REASON_NONE;
}

static u64 array_crc(const struct recovery *r)
{
	return get_le(r->made + H_ARRAY_CRC, 4);
}

static enum livegrow_reason choose(const struct disk *disk, const struct kernel *kernel,
				   struct recovery *r)
{
	u64 places[LG_MAX_PLACES], candidate = 0, crc = 0;
	enum livegrow_reason reason, worst = BOTH;
	u32 nr, found = 0;
	bool alike = true;

	nr = lg_recover_places(&r->table, disk_at(disk, 1), kernel->settled_last, places);
	for (u32 i = 0; i < nr; i++) {
		reason = try_place(disk, kernel, r, places[i]);
		if (!reason && lg_recover_is_named(disk_at(disk, 1), places[i]))
			return reason;
		if (!reason && found++) {
			alike &= kernel->nr_live && array_crc(r) == crc;
		} else if (!reason) {
			candidate = places[i];
			crc = array_crc(r);
		} else if (reason != BOTH) {
			worst = reason;
		}
	}
	if (found && alike)
		return try_place(disk, kernel, r, candidate);
	return found ? LIVEGROW_REASON_BACKUP_STALE : worst;
}

static void *get(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		abort();
	return memory;
}

enum livegrow_reason recovery_load(const struct disk *disk, const struct kernel *kernel,
				   struct recovery *r)
{
	struct lg_table *table = &r->table;
	enum livegrow_reason reason;
	size_t array;

	*r = (struct recovery){ .made = get(disk->lba_size) };
	table->lba_size = disk->lba_size;
	table->last_lba = disk->last_lba;
	table->mbr = disk_at(disk, 0);
	reason = choose(disk, kernel, r);
	if (reason)
		return reason;
	array = (size_t)table->array_lbas * disk->lba_size;
	r->over = memcpy(get(array), disk_at(disk, table->home_lba), array);
	lg_plan_recover(table, disk_at(disk, 1), disk_at(disk, table->alternate), r->over,
			&r->plan);
	return LIVEGROW_REASON_NONE;
}

void recovery_free(struct recovery *r)
{
	free(r->made);
	free(r->over);
}
