// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backing devices of DRBD with internal metadata. The superblock of versions 8 and 9 is
 * the last 4 KiB block of the device; activity log and bitmap lie in front of it.
 */
#include <livegrow/endmeta.h>

#define DRBD_MAGIC_08		0x8374026b
#define DRBD_MAGIC_84_UNCLEAN	0x8374026c	/* in use, or not shut down */
#define DRBD_MAGIC_09		0x8374026d

#define DRBD_BLOCK_SECTORS	8
#define DRBD_SECTORS_MIN	128	/* superblock, activity log, bitmap */

/* The fields that 8 and 9 have at the same place. */
struct drbd_superblock {
	u8 others[60];
	__be32 magic;
	__be32 md_size;
	__be32 log_offset;	/* of the activity log, from here: negative if internal */
	__be32 log_extents;
	__be32 bitmap_offset;
	__be32 bitmap_bytes;	/* of data for each bit */
} __packed;

static_assert(offsetof(struct drbd_superblock, bitmap_bytes) == 80, "DRBD superblock layout");

static u32 drbd_places(u64 nr_sectors, u64 places[LG_ENDMETA_PLACES])
{
	if (nr_sectors < DRBD_SECTORS_MIN)
		return 0;
	places[0] = (nr_sectors & ~(DRBD_BLOCK_SECTORS - 1ULL)) - DRBD_BLOCK_SECTORS;
	return 1;
}

static bool drbd_is_superblock(const u8 *sector, u64 place)
{
	const struct drbd_superblock *sb = (const void *)sector;
	u32 magic = be32_to_cpu(sb->magic), bytes = be32_to_cpu(sb->bitmap_bytes);

	(void)place;
	return (magic == DRBD_MAGIC_08 || magic == DRBD_MAGIC_84_UNCLEAN ||
		magic == DRBD_MAGIC_09) &&
	       (s32)be32_to_cpu(sb->log_offset) < 0 && bytes && !(bytes & (bytes - 1));
}

const struct lg_endmeta lg_endmeta_drbd = {
	.words = "a DRBD backing device with its metadata at the end, which drbdadm resize moves",
	.places = drbd_places,
	.is_superblock = drbd_is_superblock,
};
