/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formats that look for their metadata at the end of their device. A partition that
 * holds one loses it by growing, so it never grows unasked.
 */
#ifndef LIVEGROW_ENDMETA_H
#define LIVEGROW_ENDMETA_H

#include <livegrow/platform.h>

#define LG_ENDMETA_PLACES	2

/* The metadata begins in one of so many sectors of 512 bytes at the end. */
#define LG_ENDMETA_SECTORS	264

/**
 * struct lg_endmeta - a format with metadata at the end
 * @words: the partition in words, after "last partition vda2 is"
 * @places: fill in the sectors of 512 bytes, from the start of a device of @nr_sectors,
 *	that the format looks at; returns how many, 0 for a device that is too small
 * @is_superblock: whether the sector at @place, 512 bytes, begins the metadata
 */
struct lg_endmeta {
	const char *words;
	u32 (*places)(u64 nr_sectors, u64 places[LG_ENDMETA_PLACES]);
	bool (*is_superblock)(const u8 *sector, u64 place);
};

/* md, versions 1.0 and 0.90. */
extern const struct lg_endmeta lg_endmeta_md;
/* DRBD, internal metadata of versions 8 and 9. */
extern const struct lg_endmeta lg_endmeta_drbd;
/* RAID formats of firmware that md assembles on partitions too. */
extern const struct lg_endmeta lg_endmeta_ddf;
extern const struct lg_endmeta lg_endmeta_imsm;

/**
 * lg_endmeta_find() - the format whose metadata ends a partition
 * @tail: the last sectors of the partition
 * @tail_sectors: sectors of 512 bytes in @tail, at least LG_ENDMETA_SECTORS where the
 *	partition has so many
 * @nr_sectors: size of the partition in sectors of 512 bytes
 *
 * Return: NULL where no format is found.
 */
const struct lg_endmeta *lg_endmeta_find(const u8 *tail, u32 tail_sectors, u64 nr_sectors);

#endif /* LIVEGROW_ENDMETA_H */
