// SPDX-License-Identifier: GPL-2.0-or-later
/* The partitions that a stock kernel finds. */
#include <string.h>

#include "crc.h"
#include "judge.h"

#define ARRAY_MAX (4ULL << 20) /* the kernel reads it into one allocation */

static bool is_protective(const u8 *record)
{
	return record[4] == 0xee && get_le(record + 8, 4) == 1;
}

/* A hybrid one will do as well, and its size does not matter. */
static bool mbr_announces_gpt(const u8 *mbr)
{
	bool protective = false;

	for (int i = 0; i < 4; i++)
		protective |= is_protective(mbr + 446 + 16 * i);
	return protective && mbr[510] == 0x55 && mbr[511] == 0xaa;
}

/* Over the header with its own CRC's field taken as zero. */
static bool header_crc_is_right(const u8 *header, u64 size)
{
	u8 copy[4096];

	memcpy(copy, header, size);
	memset(copy + H_CRC, 0, 4);
	return quick_crc(copy, size) == get_le(header + H_CRC, 4);
}

static bool header_is_right(const struct disk *disk, u64 lba)
{
	const u8 *header = disk_at(disk, lba);
	u64 size = get_le(header + H_SIZE, 4);
	u64 first = get_le(header + H_FIRST_USABLE, 8);
	u64 last = get_le(header + H_LAST_USABLE, 8);

	return !memcmp(header, "EFI PART", 8) && size >= 92 && size <= disk->lba_size &&
	       header_crc_is_right(header, size) && get_le(header + H_MY_LBA, 8) == lba &&
	       first <= disk->last_lba && last <= disk->last_lba && first <= last &&
	       get_le(header + H_ENTRY_SIZE, 4) == FOUND_ENTRY_SIZE;
}

static bool array_is_right(const struct disk *disk, const u8 *header)
{
	u64 size = get_le(header + H_NR_ENTRIES, 4) * FOUND_ENTRY_SIZE;
	u64 lba = get_le(header + H_ARRAY_LBA, 8);

	return size && size <= ARRAY_MAX && lba <= disk->last_lba &&
	       size <= (disk->last_lba + 1 - lba) * disk->lba_size &&
	       quick_crc(disk_at(disk, lba), size) == get_le(header + H_ARRAY_CRC, 4);
}

/* One that ends right in front of its first LBA is none; with an earlier end it is one. */
static bool is_partition(const u8 *entry, u64 last_lba)
{
	u64 first = get_le(entry + E_FIRST, 8), last = get_le(entry + E_LAST, 8);
	static const u8 unused[16];

	return memcmp(entry + E_TYPE, unused, sizeof(unused)) != 0 && first <= last_lba &&
	       last <= last_lba && last + 1 != first;
}

static void take_part(struct found *found, u32 number, const u8 *entry)
{
	struct found_part *part = &found->parts[found->nr_parts++];

	part->number = number;
	part->first = get_le(entry + E_FIRST, 8);
	part->last = get_le(entry + E_LAST, 8);
	memcpy(part->entry, entry, FOUND_ENTRY_SIZE);
}

static void take_table(const struct disk *disk, const u8 *header, struct found *found)
{
	u64 nr = get_le(header + H_NR_ENTRIES, 4);
	const u8 *entry;

	found->table = true;
	found->array_lba = get_le(header + H_ARRAY_LBA, 8);
	found->array_lbas = (nr * FOUND_ENTRY_SIZE + disk->lba_size - 1) / disk->lba_size;
	entry = disk_at(disk, found->array_lba);
	for (u32 n = 1; n <= nr && n <= FOUND_MAX_PARTS; n++, entry += FOUND_ENTRY_SIZE)
		if (is_partition(entry, disk->last_lba))
			take_part(found, n, entry);
}

bool judge_has_table(const struct disk *disk, u64 lba)
{
	return lba <= disk->last_lba && header_is_right(disk, lba) &&
	       array_is_right(disk, disk_at(disk, lba));
}

bool judge_has_backup(const struct disk *disk)
{
	const u8 *primary = disk_at(disk, 1);
	u64 lba = get_le(primary + H_ALTERNATE, 8);

	return judge_has_table(disk, 1) && judge_has_table(disk, lba) &&
	       get_le(disk_at(disk, lba) + H_ARRAY_CRC, 4) == get_le(primary + H_ARRAY_CRC, 4);
}

/* The backup is compared and complained about, but never used. */
void judge(const struct disk *disk, struct found *found)
{
	found->table = false;
	found->nr_parts = 0;
	if (mbr_announces_gpt(disk_at(disk, 0)) && judge_has_table(disk, 1))
		take_table(disk, disk_at(disk, 1), found);
}

bool found_same(const struct found *a, const struct found *b)
{
	if (a->table != b->table || a->nr_parts != b->nr_parts)
		return false;
	for (u32 i = 0; i < a->nr_parts; i++)
		if (a->parts[i].number != b->parts[i].number ||
		    memcmp(a->parts[i].entry, b->parts[i].entry, FOUND_ENTRY_SIZE) != 0)
			return false;
	return true;
}

const struct found_part *found_part(const struct found *found, u32 number)
{
	for (u32 i = 0; i < found->nr_parts; i++)
		if (found->parts[i].number == number)
			return &found->parts[i];
	return NULL;
}

const struct found_part *found_last(const struct found *found)
{
	const struct found_part *last = NULL;

	for (u32 i = 0; i < found->nr_parts; i++)
		if (!last || found->parts[i].first > last->first)
			last = &found->parts[i];
	return last;
}

bool ranges_meet(u64 a, u64 a_count, u64 b, u64 b_count)
{
	return a < b + b_count && b < a + a_count;
}

bool found_hits(const struct found *found, u64 lba, u64 count)
{
	for (u32 i = 0; i < found->nr_parts; i++) {
		const struct found_part *part = &found->parts[i];

		if (ranges_meet(lba, count, part->first, part->last - part->first + 1))
			return true;
	}
	return false;
}
