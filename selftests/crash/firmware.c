// SPDX-License-Identifier: GPL-2.0-or-later
/* As MdeModulePkg's PartitionDxe is known to repair a GPT. */
#include <string.h>

#include "firmware.h"
#include "judge.h"

static void write_backup(struct ram *ram, u64 alternate)
{
	const u8 *primary = disk_at(&ram->disk, 1);
	u64 size = get_le(primary + H_NR_ENTRIES, 4) * get_le(primary + H_ENTRY_SIZE, 4);
	u64 lbas = (size + ram->disk.lba_size - 1) / ram->disk.lba_size;
	u64 array = get_le(primary + H_LAST_USABLE, 8) + 1;
	u8 header[4096] = { 0 };

	memcpy(header, primary, get_le(primary + H_SIZE, 4));
	put_le(header + H_MY_LBA, 8, alternate);
	put_le(header + H_ALTERNATE, 8, 1);
	put_le(header + H_ARRAY_LBA, 8, array);
	fixture_seal_header(header);
	ram_write(ram, alternate, 1, header);
	ram_write(ram, array, lbas, disk_at(&ram->disk, get_le(primary + H_ARRAY_LBA, 8)));
}

bool firmware_repair(struct ram *ram)
{
	u64 alternate = get_le(disk_at(&ram->disk, 1) + H_ALTERNATE, 8);

	if (!judge_has_table(&ram->disk, 1) || alternate > ram->disk.last_lba ||
	    judge_has_table(&ram->disk, alternate))
		return false;
	write_backup(ram, alternate);
	return true;
}
