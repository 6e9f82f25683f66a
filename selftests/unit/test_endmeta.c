// SPDX-License-Identifier: GPL-2.0-or-later
/* Metadata at the end of a partition: where each format looks, and what it accepts. */
#include <livegrow/endmeta.h>

#include "bytes.h"
#include "ktap.h"

#define SECTOR 512

static void test_places(void)
{
	static const struct {
		const char *name;
		u64 nr_sectors, md_1_0, md_0_90, drbd, imsm_4096;
	} rows[] = {
		{ "110 MiB", 225280, 225264, 225152, 225272, 225264 },
		{ "110 MiB and 1 sector", 225281, 225264, 225152, 225272, 225264 },
		{ "110 MiB less 1 sector", 225279, 225256, 225024, 225264, 225256 },
		{ "1001 sectors", 1001, 984, 768, 992, 984 },
		{ "512 sectors", 512, 496, 384, 504, 496 },
		{ "2^55 sectors less 1", (1ULL << 55) - 1, (1ULL << 55) - 24, (1ULL << 55) - 256,
		  (1ULL << 55) - 16, (1ULL << 55) - 24 },
	};
	u64 places[LG_ENDMETA_PLACES];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(lg_endmeta_md.places(rows[i].nr_sectors, places), 2);
		CHECK_EQ(places[0], rows[i].md_1_0);
		CHECK_EQ(places[1], rows[i].md_0_90);
		CHECK_EQ(lg_endmeta_drbd.places(rows[i].nr_sectors, places), 1);
		CHECK_EQ(places[0], rows[i].drbd);
		CHECK_EQ(lg_endmeta_ddf.places(rows[i].nr_sectors, places), 2);
		CHECK_EQ(places[0], rows[i].nr_sectors - 1);
		CHECK_EQ(places[1], rows[i].nr_sectors - 257);
		CHECK_EQ(lg_endmeta_imsm.places(rows[i].nr_sectors, places), 2);
		CHECK_EQ(places[0], rows[i].nr_sectors - 2);
		CHECK_EQ(places[1], rows[i].imsm_4096);
		ktap_result("places of the metadata", rows[i].name);
	}
	CHECK_EQ(lg_endmeta_md.places(255, places), 0);
	CHECK_EQ(lg_endmeta_drbd.places(127, places), 0);
	CHECK_EQ(lg_endmeta_ddf.places(511, places), 0);
	CHECK_EQ(lg_endmeta_imsm.places(511, places), 0);
	ktap_result("a partition that is too small has none", NULL);
}

static void test_md(void)
{
	static const struct {
		const char *name;
		u32 magic, major;
		u64 place;
		bool is;
	} rows[] = {
		{ "1.0", 0xa92b4efc, 1, 225264, true },
		{ "1.0 that was made for a place one sector on", 0xa92b4efc, 1, 225265, false },
		{ "0.90", 0xa92b4efc, 0, 0, true },
		{ "0.90 of the other byte order", 0xfc4e2ba9, 0, 0, true },
		{ "1.0 of the other byte order", 0xfc4e2ba9, 1, 225264, false },
		{ "version 2", 0xa92b4efc, 2, 225264, false },
		{ "zeros", 0, 0, 0, false },
		{ "a bit of the magic flipped", 0xa92b4efd, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		u8 sector[SECTOR] = { 0 };

		put_le(sector, 4, rows[i].magic);
		put_le(sector + 4, 4, rows[i].major);
		put_le(sector + 144, 8, rows[i].place);
		CHECK_EQ(lg_endmeta_md.is_superblock(sector, 225264), rows[i].is);
		ktap_result("a superblock of md", rows[i].name);
	}
}

static void put_be32(u8 *to, u32 value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (u8)(value >> (24 - 8 * i));
}

static void test_drbd(void)
{
	static const struct {
		const char *name;
		u32 magic, log_offset, bitmap_bytes;
		bool is;
	} rows[] = {
		{ "version 8, shut down", 0x8374026b, (u32)-64, 4096, true },
		{ "version 8.4, in use", 0x8374026c, (u32)-64, 4096, true },
		{ "version 9", 0x8374026d, (u32)-64, 4096, true },
		{ "version 9 with 64 KiB for each bit", 0x8374026d, (u32)-64, 65536, true },
		{ "a striped activity log", 0x8374026b, (u32)-1024, 4096, true },
		{ "external metadata", 0x8374026b, 8, 4096, false },
		{ "version 7", 0x8374026a, (u32)-64, 4096, false },
		{ "little endian", 0x6b027483, (u32)-64, 4096, false },
		{ "no bytes for a bit", 0x8374026b, (u32)-64, 0, false },
		{ "4097 bytes for a bit", 0x8374026b, (u32)-64, 4097, false },
		{ "zeros", 0, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		u8 sector[SECTOR] = { 0 };

		put_be32(sector + 60, rows[i].magic);
		put_be32(sector + 68, rows[i].log_offset);
		put_be32(sector + 80, rows[i].bitmap_bytes);
		CHECK_EQ(lg_endmeta_drbd.is_superblock(sector, 225272), rows[i].is);
		ktap_result("a superblock of DRBD", rows[i].name);
	}
}

static void test_raid(void)
{
	u8 sector[SECTOR] = { 0 };

	put_be32(sector, 0xde11de11);
	CHECK(!lg_endmeta_ddf.is_superblock(sector, 0));
	memcpy(sector + 32, "01.02.00", 8);
	CHECK(lg_endmeta_ddf.is_superblock(sector, 0));
	sector[3] ^= 1;
	CHECK(!lg_endmeta_ddf.is_superblock(sector, 0));
	ktap_result("a DDF header has its magic number and a revision", NULL);

	memcpy(sector, "Intel Raid ISM Cfg Sig. 1.3.00", 30);
	CHECK(lg_endmeta_imsm.is_superblock(sector, 0));
	sector[23] = '_';
	CHECK(!lg_endmeta_imsm.is_superblock(sector, 0));
	ktap_result("Intel RAID metadata has its signature", NULL);
}

/* Of a partition of 1000 sectors, with so many read. */
static const struct lg_endmeta *find(const u8 *disk, u32 tail_sectors)
{
	return lg_endmeta_find(disk + (1000 - tail_sectors) * SECTOR, tail_sectors, 1000);
}

static void test_find(void)
{
	static u8 disk[1000 * SECTOR];

	CHECK(!find(disk, LG_ENDMETA_SECTORS));
	ktap_result("nothing is found in zeros", NULL);

	put_be32(disk + 992 * SECTOR + 60, 0x8374026b);
	put_be32(disk + 992 * SECTOR + 68, (u32)-64);
	put_be32(disk + 992 * SECTOR + 80, 4096);
	CHECK(find(disk, LG_ENDMETA_SECTORS) == &lg_endmeta_drbd);
	CHECK(find(disk, 8) == &lg_endmeta_drbd);
	CHECK(!find(disk, 7));
	CHECK(!lg_endmeta_find(disk, 100, 100));
	ktap_result("DRBD is found in the sectors that were read", NULL);

	put_le(disk + 768 * SECTOR, 4, 0xa92b4efc);
	CHECK(find(disk, LG_ENDMETA_SECTORS) == &lg_endmeta_md);
	memset(disk, 0, sizeof(disk));
	put_be32(disk + 743 * SECTOR, 0xde11de11);
	memcpy(disk + 743 * SECTOR + 32, "01.02.00", 8);
	CHECK(find(disk, LG_ENDMETA_SECTORS) == &lg_endmeta_ddf);
	ktap_result("the places that are farthest from the end are read", NULL);
}

int main(void)
{
	test_places();
	test_md();
	test_drbd();
	test_raid();
	test_find();
	return ktap_end();
}
