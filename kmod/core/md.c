// SPDX-License-Identifier: GPL-2.0-only
/*
 * Members of md arrays whose superblock is found from the end of their device:
 * versions 1.0 and 0.90, as drivers/md/md.c places them.
 */
#include <livegrow/endmeta.h>

#define MD_MAGIC		0xa92b4efc
#define MD_MAGIC_SWAPPED	0xfc4e2ba9

#define MD_1_0_DISTANCE		16	/* sectors from the end, at least */
#define MD_1_0_ALIGN		8
#define MD_0_90_RESERVED	128	/* sectors: the last whole ones of them */

/* 1.0 says where it lies itself, in sectors. */
struct md_superblock {
	__le32 magic;
	__le32 major;
	u8 others[136];
	__le64 place;
} __packed;

static_assert(offsetof(struct md_superblock, place) == 144, "md superblock layout");

static u64 place_1_0(u64 nr_sectors)
{
	return (nr_sectors - MD_1_0_DISTANCE) & ~(MD_1_0_ALIGN - 1ULL);
}

static u64 place_0_90(u64 nr_sectors)
{
	return (nr_sectors & ~(MD_0_90_RESERVED - 1ULL)) - MD_0_90_RESERVED;
}

static u32 md_places(u64 nr_sectors, u64 places[LG_ENDMETA_PLACES])
{
	if (nr_sectors < 2 * MD_0_90_RESERVED)
		return 0;
	places[0] = place_1_0(nr_sectors);
	places[1] = place_0_90(nr_sectors);
	return 2;
}

/* md itself asks no more of a superblock before it reads the rest. */
static bool md_is_superblock(const u8 *sector, u64 place)
{
	const struct md_superblock *sb = (const void *)sector;
	u32 magic = le32_to_cpu(sb->magic), major = le32_to_cpu(sb->major);

	if (magic == MD_MAGIC && major == 1)
		return le64_to_cpu(sb->place) == place;
	/* 0.90 has the byte order of the machine that made it. */
	return (magic == MD_MAGIC || magic == MD_MAGIC_SWAPPED) && !major;
}

const struct lg_endmeta lg_endmeta_md = {
	.words = "a member of an md array with its superblock at the end",
	.places = md_places,
	.is_superblock = md_is_superblock,
};
