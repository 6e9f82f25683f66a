// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a member of an md array is looked for, and what it is known by. */
#include <livegrow/md.h>

#include "bytes.h"
#include "ktap.h"

static void test_places(void)
{
	static const struct {
		const char *name;
		u64 nr_sectors, place_1_0, place_0_90;
	} rows[] = {
		{ "110 MiB", 225280, 225264, 225152 },
		{ "110 MiB and 1 sector", 225281, 225264, 225152 },
		{ "110 MiB less 1 sector", 225279, 225256, 225024 },
		{ "1001 sectors", 1001, 984, 768 },
		{ "256 sectors", 256, 240, 128 },
		{ "2^55 sectors less 1", (1ULL << 55) - 1, (1ULL << 55) - 24, (1ULL << 55) - 256 },
	};
	u64 places[LG_MD_PLACES];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(lg_md_places(rows[i].nr_sectors, places), 2);
		CHECK_EQ(places[0], rows[i].place_1_0);
		CHECK_EQ(places[1], rows[i].place_0_90);
		ktap_result("the superblocks of a member", rows[i].name);
	}
	CHECK_EQ(lg_md_places(255, places), 0);
	CHECK_EQ(lg_md_places(0, places), 0);
	ktap_result("a partition that is too small for one has none", NULL);
}

static void test_superblock(void)
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
		u8 block[512] = { 0 };

		put_le(block, 4, rows[i].magic);
		put_le(block + 4, 4, rows[i].major);
		put_le(block + 144, 8, rows[i].place);
		CHECK_EQ(lg_md_is_superblock(block, 225264), rows[i].is);
		ktap_result("a superblock", rows[i].name);
	}
}

int main(void)
{
	test_places();
	test_superblock();
	return ktap_end();
}
