// SPDX-License-Identifier: GPL-2.0-only
/* Table and kernel have to agree before anything is written. */
#include <livegrow/live.h>

const struct lg_live *lg_live_find(const struct lg_live *live, u32 nr, u32 number)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (live[i].number == number)
			return &live[i];
	return NULL;
}

/* The sizes of a partition that are taken for the table's. */
enum sizes {
	SIZE_EQUAL,
	SIZE_SMALLER,		/* or equal */
	SIZE_ANY,
};

static bool part_agrees(const struct lg_table *table, const struct lg_part *part,
			const struct lg_live *live, enum sizes sizes)
{
	u32 sectors_per_lba = table->lba_size / 512;
	u64 nr_sectors = (part->last - part->first + 1) * sectors_per_lba;

	if (live->start != part->first * sectors_per_lba)
		return false;
	return live->nr_sectors == nr_sectors || sizes == SIZE_ANY ||
	       (sizes == SIZE_SMALLER && live->nr_sectors < nr_sectors);
}

static bool agrees(const struct lg_table *table, const struct lg_live *live, u32 nr,
		   u32 exception, enum sizes sizes)
{
	const struct lg_live *found;
	const struct lg_part *part;
	u32 i;

	if (nr != table->nr_parts)
		return false;
	for (i = 0; i < nr; i++) {
		part = &table->parts[i];
		found = lg_live_find(live, nr, part->number);
		if (!found || !part_agrees(table, part, found,
					   part->number == exception ? sizes : SIZE_EQUAL))
			return false;
	}
	return true;
}

bool lg_live_agrees(const struct lg_table *table, const struct lg_live *live, u32 nr,
		    u32 resuming)
{
	return agrees(table, live, nr, resuming, SIZE_SMALLER);
}

bool lg_live_agrees_but(const struct lg_table *table, const struct lg_live *live, u32 nr,
			u32 but)
{
	return agrees(table, live, nr, but, SIZE_ANY);
}
