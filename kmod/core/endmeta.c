// SPDX-License-Identifier: GPL-2.0-only
/*
 * The formats that are found from the end of a partition. The RAID formats of other
 * firmware are missing on purpose: dmraid and libblkid look for them on whole disks
 * only. Formats with a second superblock at the end, such as NILFS2 and ZFS, are found
 * by the first one and write the second again when they grow.
 */
#include <livegrow/endmeta.h>

static const struct lg_endmeta *const formats[] = {
	&lg_endmeta_md, &lg_endmeta_drbd, &lg_endmeta_ddf, &lg_endmeta_imsm,
};

static bool is_in_tail(const struct lg_endmeta *format, const u8 *tail, u64 tail_start,
		       u64 nr_sectors)
{
	u64 places[LG_ENDMETA_PLACES];
	u32 i, nr = format->places(nr_sectors, places);

	for (i = 0; i < nr; i++)
		if (places[i] >= tail_start &&
		    format->is_superblock(tail + (places[i] - tail_start) * 512, places[i]))
			return true;
	return false;
}

const struct lg_endmeta *lg_endmeta_find(const u8 *tail, u32 tail_sectors, u64 nr_sectors)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		if (is_in_tail(formats[i], tail, nr_sectors - tail_sectors, nr_sectors))
			return formats[i];
	return NULL;
}
