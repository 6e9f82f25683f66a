// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * As EDK2's PartitionDxe repairs a GPT. selftests/vm/tests/test_firmware.py compares
 * this with what OVMF makes of the same disks, byte by byte.
 */
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "judge.h"

/* What it keeps of a header, whatever its size: the fields that it knows. */
#define KEPT_BYTES 92

static void copy_header(struct ram *ram, u64 from, u64 to, u64 array)
{
	u8 header[4096] = { 0 };

	memcpy(header, disk_at(&ram->disk, from), KEPT_BYTES);
	put_le(header + H_MY_LBA, 8, to);
	put_le(header + H_ALTERNATE, 8, from);
	put_le(header + H_ARRAY_LBA, 8, array);
	fixture_seal_header(header);
	ram_write(ram, to, 1, header);
}

/* The entries alone: what is behind them in the last block stays. */
static void copy_entries(struct ram *ram, const u8 *header, u64 array)
{
	u64 size = get_le(header + H_NR_ENTRIES, 4) * get_le(header + H_ENTRY_SIZE, 4);
	u64 lbas = (size + ram->disk.lba_size - 1) / ram->disk.lba_size;
	u8 *blocks = malloc(lbas * ram->disk.lba_size);

	if (!blocks)
		abort();
	memcpy(blocks, disk_at(&ram->disk, array), lbas * ram->disk.lba_size);
	memcpy(blocks, disk_at(&ram->disk, get_le(header + H_ARRAY_LBA, 8)), size);
	ram_write(ram, array, lbas, blocks);
	free(blocks);
}

static void repair(struct ram *ram, u64 from)
{
	const u8 *header = disk_at(&ram->disk, from);
	u64 array = from == 1 ? get_le(header + H_LAST_USABLE, 8) + 1 : 2;

	copy_header(ram, from, get_le(header + H_ALTERNATE, 8), array);
	copy_entries(ram, header, array);
}

bool firmware_repair(struct ram *ram)
{
	u64 last = ram->disk.last_lba;
	u64 from = judge_has_table(&ram->disk, 1) ? 1 : last;
	u64 other = get_le(disk_at(&ram->disk, from) + H_ALTERNATE, 8);

	if (!judge_has_table(&ram->disk, from) || other > last ||
	    (from == 1 && judge_has_table(&ram->disk, other)))
		return false;
	repair(ram, from);
	return true;
}
