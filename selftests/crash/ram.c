// SPDX-License-Identifier: GPL-2.0-or-later
/* Some hundred thousand disks are compared, each by the few blocks that were written. */
#include <stdlib.h>
#include <string.h>

#include "ram.h"

static void *get(size_t nr, size_t size)
{
	void *memory = calloc(nr, size);

	if (!memory)
		abort();
	return memory;
}

void ram_new(struct ram *ram, const struct disk *base)
{
	ram->base = base;
	disk_new(&ram->disk, base->lba_size, base->last_lba);
	memcpy(ram->disk.bytes, base->bytes, (base->last_lba + 1) * base->lba_size);
	ram->is_dirty = get(base->last_lba + 1, 1);
	ram->dirty = get(base->last_lba + 1, sizeof(*ram->dirty));
	ram->nr_dirty = 0;
	ram->nr_bad = 0;
}

void ram_free(struct ram *ram)
{
	ram->disk.last_lba = ram->base->last_lba;
	disk_free(&ram->disk);
	free(ram->is_dirty);
	free(ram->dirty);
}

void ram_reset(struct ram *ram)
{
	for (u64 i = 0; i < ram->nr_dirty; i++) {
		u64 lba = ram->dirty[i];

		memcpy(disk_at(&ram->disk, lba), disk_at(ram->base, lba), ram->disk.lba_size);
		ram->is_dirty[lba] = 0;
	}
	ram->nr_dirty = 0;
	ram->nr_bad = 0;
}

bool ram_is_bad(const struct ram *ram, u64 lba, u64 count)
{
	return lba < ram->bad_lba + ram->nr_bad && ram->bad_lba < lba + count && ram->nr_bad;
}

void ram_write(struct ram *ram, u64 lba, u64 count, const void *data)
{
	memcpy(disk_at(&ram->disk, lba), data, count * ram->disk.lba_size);
	for (; count; count--, lba++) {
		if (ram->is_dirty[lba])
			continue;
		ram->is_dirty[lba] = 1;
		ram->dirty[ram->nr_dirty++] = lba;
	}
}

void ram_shrink(struct ram *ram, u64 last_lba)
{
	static const u8 zeros[4096];

	for (u64 lba = last_lba + 1; lba <= ram->disk.last_lba; lba++)
		ram_write(ram, lba, 1, zeros);
	ram->disk.last_lba = last_lba;
}

void ram_copy(struct ram *ram, const struct ram *from)
{
	ram_reset(ram);
	for (u64 i = 0; i < from->nr_dirty; i++)
		ram_write(ram, from->dirty[i], 1, disk_at(&from->disk, from->dirty[i]));
}

bool ram_differs(const struct ram *a, const struct ram *b, u64 *at, u64 *lba)
{
	while (*at < a->nr_dirty + b->nr_dirty) {
		*lba = *at < a->nr_dirty ? a->dirty[*at] : b->dirty[*at - a->nr_dirty];
		/* What both have written is met among a's. */
		if (*at >= a->nr_dirty && a->is_dirty[*lba])
			++*at;
		else if (++*at,
			 memcmp(disk_at(&a->disk, *lba), disk_at(&b->disk, *lba), a->disk.lba_size))
			return true;
	}
	return false;
}

bool ram_same(const struct ram *a, const struct ram *b)
{
	u64 at = 0, lba;

	return !ram_differs(a, b, &at, &lba);
}

void ram_load(struct ram *ram, const u8 *bytes)
{
	for (u64 lba = 0; lba <= ram->disk.last_lba; lba++, bytes += ram->disk.lba_size)
		if (memcmp(disk_at(&ram->disk, lba), bytes, ram->disk.lba_size))
			ram_write(ram, lba, 1, bytes);
}
