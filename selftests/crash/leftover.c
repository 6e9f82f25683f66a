// SPDX-License-Identifier: GPL-2.0-or-later
/* The backup at an end that was the disk's only between a crash and a growth. */
#include <inttypes.h>
#include <string.h>

#include "leftover.h"
#include "report.h"

static bool is_intermediate(const struct subject *subject, u64 lba)
{
	u64 end = subject->layout->last_lba;

	return lba <= end && lba >= end - layout_array_lbas(subject->layout);
}

static bool has_header(const struct disk *disk, u64 lba)
{
	return !memcmp(disk_at(disk, lba), "EFI PART", 8) &&
	       !memcmp(disk_at(disk, lba) + H_GUID, disk_at(disk, 1) + H_GUID, 16) &&
	       get_le(disk_at(disk, lba) + H_MY_LBA, 8) == lba;
}

bool leftovers_allowed(const struct subject *subject, const struct ram *ram,
		       const struct direct *direct, struct leftovers *leftovers)
{
	bool allowed = true, header = false;
	u64 at = 0, lba = 0, differing = 0;

	while (ram_differs(ram, &direct->final, &at, &lba)) {
		differing++;
		allowed &= is_intermediate(subject, lba);
		header |= has_header(&ram->disk, lba) && found_hits(&direct->found, lba, 1);
	}
	leftovers->disks++;
	leftovers->differ += differing != 0;
	leftovers->headers += header;
	return allowed;
}

u64 leftovers_headers(const struct disk *disk, const struct found *found)
{
	u64 nr = 0;

	for (u32 i = 0; i < found->nr_parts; i++)
		for (u64 lba = found->parts[i].first; lba <= found->parts[i].last; lba++)
			nr += !memcmp(disk_at(disk, lba), "EFI PART", 8);
	return nr;
}

void leftovers_note(const struct leftovers *leftovers, const char *layout)
{
	report_note("%s: grown once more: of %" PRIu64 " disks %" PRIu64
		    " keep sectors of the backup between, %" PRIu64
		    " of them its header inside a partition",
		    layout, (uint64_t)leftovers->disks, (uint64_t)leftovers->differ,
		    (uint64_t)leftovers->headers);
}
