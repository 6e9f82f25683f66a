// SPDX-License-Identifier: GPL-2.0-or-later
/* A second opinion on the tables that the core's plans leave. */
#include <stdlib.h>
#include <string.h>

#include "oracle.h"

static bool header_is_right(const struct disk *disk, u64 lba)
{
	u8 block[4096];
	u64 size;

	memcpy(block, disk_at(disk, lba), disk->lba_size);
	size = get_le(block + H_SIZE, 4);
	if (memcmp(block, "EFI PART", 8) || size < 92 || size > disk->lba_size)
		return false;
	put_le(block + H_CRC, 4, 0);
	return own_crc(block, size) == get_le(disk_at(disk, lba) + H_CRC, 4) &&
	       get_le(block + H_MY_LBA, 8) == lba;
}

static bool array_is_right(const struct disk *disk, const struct seen *seen, u64 crc)
{
	u64 size = (u64)seen->nr_entries * seen->entry_size;
	u64 lbas = (size + disk->lba_size - 1) / disk->lba_size;

	return seen->array_lba <= disk->last_lba && lbas <= disk->last_lba + 1 - seen->array_lba &&
	       own_crc(disk_at(disk, seen->array_lba), size) == crc;
}

bool oracle_read(const struct disk *disk, u64 lba, struct seen *seen)
{
	const u8 *block = disk_at(disk, lba);

	*seen = (struct seen){
		.alternate = get_le(block + H_ALTERNATE, 8),
		.first_usable = get_le(block + H_FIRST_USABLE, 8),
		.last_usable = get_le(block + H_LAST_USABLE, 8),
		.array_lba = get_le(block + H_ARRAY_LBA, 8),
		.nr_entries = (u32)get_le(block + H_NR_ENTRIES, 4),
		.entry_size = (u32)get_le(block + H_ENTRY_SIZE, 4),
	};
	return header_is_right(disk, lba) &&
	       array_is_right(disk, seen, get_le(block + H_ARRAY_CRC, 4));
}

const u8 *oracle_entry(const struct disk *disk, const struct seen *seen, u32 number)
{
	return disk_at(disk, seen->array_lba) + (u64)(number - 1) * seen->entry_size;
}

u64 oracle_last(const struct disk *disk, const struct seen *seen, u32 number)
{
	return get_le(oracle_entry(disk, seen, number) + E_LAST, 8);
}
