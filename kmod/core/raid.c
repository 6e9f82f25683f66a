// SPDX-License-Identifier: GPL-2.0-only
/* Members of arrays in the formats of RAID firmware that mdadm creates on partitions too. */
#include <livegrow/endmeta.h>

#define RAID_SECTORS_MIN	512

#define DDF_MAGIC		0xde11de11

/* SNIA's Common RAID Disk Data Format: the anchor header. */
struct ddf_header {
	__be32 magic;
	__be32 crc;
	u8 guid[24];
	char revision[8];	/* such as "01.02.00" */
} __packed;

static_assert(offsetof(struct ddf_header, revision) == 32, "DDF header layout");

/* The anchor is in the last sector; some firmware leaves 256 sectors behind it. */
static u32 ddf_places(u64 nr_sectors, u64 places[LG_ENDMETA_PLACES])
{
	if (nr_sectors < RAID_SECTORS_MIN)
		return 0;
	places[0] = nr_sectors - 1;
	places[1] = nr_sectors - 257;
	return 2;
}

static bool ddf_is_superblock(const u8 *sector, u64 place)
{
	const struct ddf_header *header = (const void *)sector;

	(void)place;
	return be32_to_cpu(header->magic) == DDF_MAGIC && header->revision[2] == '.' &&
	       header->revision[5] == '.';
}

const struct lg_endmeta lg_endmeta_ddf = {
	.words = "a member of a DDF RAID with its header at the end",
	.places = ddf_places,
	.is_superblock = ddf_is_superblock,
};

static const char imsm_signature[] = "Intel Raid ISM Cfg Sig. ";

/* The last but one block, of 512 or 4096 bytes. */
static u32 imsm_places(u64 nr_sectors, u64 places[LG_ENDMETA_PLACES])
{
	if (nr_sectors < RAID_SECTORS_MIN)
		return 0;
	places[0] = nr_sectors - 2;
	places[1] = (nr_sectors & ~7ULL) - 16;
	return 2;
}

static bool imsm_is_superblock(const u8 *sector, u64 place)
{
	(void)place;
	return !memcmp(sector, imsm_signature, sizeof(imsm_signature) - 1);
}

const struct lg_endmeta lg_endmeta_imsm = {
	.words = "a member of an Intel RAID with its metadata at the end",
	.places = imsm_places,
	.is_superblock = imsm_is_superblock,
};
