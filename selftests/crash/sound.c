// SPDX-License-Identifier: GPL-2.0-or-later
/* By the specification, over the partitions that a reboot finds. */
#include <string.h>

#include "sound.h"

static bool keeps(const struct found_part *before, const struct found_part *after)
{
	return after && after->last >= before->last &&
	       !memcmp(before->entry, after->entry, E_LAST) &&
	       !memcmp(before->entry + E_ATTRIBUTES, after->entry + E_ATTRIBUTES,
		       FOUND_ENTRY_SIZE - E_ATTRIBUTES);
}

bool keeps_partitions(const struct found *before, const struct found *after)
{
	if (before->nr_parts != after->nr_parts)
		return false;
	for (u32 i = 0; i < before->nr_parts; i++)
		if (!keeps(&before->parts[i], found_part(after, before->parts[i].number)))
			return false;
	return true;
}

static bool overlap(const struct found *found)
{
	for (u32 i = 0; i < found->nr_parts; i++)
		for (u32 j = 0; j < i; j++)
			if (found->parts[i].first <= found->parts[j].last &&
			    found->parts[j].first <= found->parts[i].last)
				return true;
	return false;
}

static bool are_usable(const struct found *found, const u8 *header)
{
	for (u32 i = 0; i < found->nr_parts; i++)
		if (found->parts[i].first < get_le(header + H_FIRST_USABLE, 8) ||
		    found->parts[i].last > get_le(header + H_LAST_USABLE, 8) ||
		    found->parts[i].first > found->parts[i].last)
			return false;
	return true;
}

/* A backup that is not valid takes no room. */
static bool hits_backup(const struct disk *disk, const struct found *found)
{
	u64 lba = get_le(disk_at(disk, 1) + H_ALTERNATE, 8);

	return judge_has_table(disk, lba) &&
	       (found_hits(found, lba, 1) ||
		found_hits(found, get_le(disk_at(disk, lba) + H_ARRAY_LBA, 8), found->array_lbas));
}

bool is_sound(const struct disk *disk)
{
	static struct found found;

	judge(disk, &found);
	return found.table && !overlap(&found) && are_usable(&found, disk_at(disk, 1)) &&
	       !found_hits(&found, 0, 2) &&
	       !found_hits(&found, found.array_lba, found.array_lbas) && !hits_backup(disk, &found);
}
