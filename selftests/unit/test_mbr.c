// SPDX-License-Identifier: GPL-2.0-or-later
/* The protective MBR. */
#include <livegrow/mbr.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "ktap.h"

struct mbr_spec {
	u8 types[4];
	u32 firsts[4];
	u32 sizes[4];
};

static u8 *new_mbr(const struct mbr_spec *spec)
{
	u8 *block = calloc(1, 512);

	if (!block)
		abort();
	for (u32 i = 0; i < 4; i++) {
		block[446 + 16 * i + 4] = spec->types[i];
		put_le(block + 446 + 16 * i + 8, 4, spec->firsts[i]);
		put_le(block + 446 + 16 * i + 12, 4, spec->sizes[i]);
	}
	block[510] = 0x55;
	block[511] = 0xaa;
	return block;
}

static const struct {
	const char *name;
	struct mbr_spec spec;
	enum lg_mbr_kind kind;
	/* clang-format off */
} kinds[] = {
	{ "an empty one announces nothing", { { 0 }, { 0 }, { 0 } }, LG_MBR_NONE },
	{ "one partition 0xee from 1 on is protective",
	  { { 0xee }, { 1 }, { 16383 } }, LG_MBR_PROTECTIVE },
	{ "in the last slot too", { { 0, 0, 0, 0xee }, { 0, 0, 0, 1 }, { 0 } },
	  LG_MBR_PROTECTIVE },
	{ "0xee from elsewhere announces nothing", { { 0xee }, { 2 }, { 9 } }, LG_MBR_NONE },
	{ "0xee from 0 on announces nothing", { { 0xee }, { 0 }, { 9 } }, LG_MBR_NONE },
	{ "a plain MBR announces no GPT", { { 0x83 }, { 2048 }, { 9 } }, LG_MBR_NONE },
	{ "a partition besides makes it hybrid",
	  { { 0xee, 0x83 }, { 1, 2048 }, { 2047, 9 } }, LG_MBR_HYBRID },
	{ "a partition in front makes it hybrid",
	  { { 0x0c, 0xee }, { 2048, 1 }, { 9, 2047 } }, LG_MBR_HYBRID },
	{ "a second 0xee makes it hybrid", { { 0xee, 0xee }, { 1, 1 }, { 9, 9 } },
	  LG_MBR_HYBRID },
	{ "a second 0xee behind it makes it hybrid",
	  { { 0xee, 0x83, 0xee }, { 1, 9, 99 }, { 8, 9, 9 } }, LG_MBR_HYBRID },
};
/* clang-format on */

static void test_kinds(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		u8 *block = new_mbr(&kinds[i].spec);

		CHECK_EQ(lg_mbr_kind(block), kinds[i].kind);
		block[510] = 0x54;
		CHECK_EQ(lg_mbr_kind(block), LG_MBR_NONE);
		block[510] = 0x55;
		block[511] = 0xab;
		CHECK_EQ(lg_mbr_kind(block), LG_MBR_NONE);
		ktap_result("an MBR, and none without its signature", kinds[i].name);
		free(block);
	}
}

static const struct {
	const char *name;
	u64 last_lba;
	u32 size;
	bool covers;
	u32 set_to;
	/* clang-format off */
} ends[] = {
	{ "the disk's size", 16383, 16383, true, 16383 },
	{ "one less", 16383, 16382, false, 16383 },
	{ "one more", 16383, 16384, false, 16383 },
	{ "0", 16383, 0, false, 16383 },
	{ "0xffffffff of a small disk", 16383, 0xffffffff, true, 16383 },
	{ "0xfffffffe exactly", 0xfffffffeULL, 0xfffffffe, true, 0xfffffffe },
	{ "0xffffffff exactly", 0xffffffffULL, 0xffffffff, true, 0xffffffff },
	{ "0xffffffff of more than 2 TiB", 0x100000000ULL, 0xffffffff, true, 0xffffffff },
	{ "0 of a disk of 2 TiB and a block", 0x100000000ULL, 0, false, 0xffffffff },
	{ "the old size of a disk now beyond 2 TiB", 0x280000000ULL, 0x80000000, false,
	  0xffffffff },
};
/* clang-format on */

static void test_ends(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		struct mbr_spec spec = { { 0xee }, { 1 }, { ends[i].size } };
		u8 *block = new_mbr(&spec), *expected;

		spec.sizes[0] = ends[i].set_to;
		expected = new_mbr(&spec);
		CHECK_EQ(lg_mbr_covers(block, ends[i].last_lba), ends[i].covers);
		lg_mbr_set_end(block, ends[i].last_lba);
		CHECK(!memcmp(block, expected, 512));
		CHECK(lg_mbr_covers(block, ends[i].last_lba));
		ktap_result("a protective partition's size", ends[i].name);
		free(block);
		free(expected);
	}
}

static void test_slots(void)
{
	for (u32 slot = 0; slot < 4; slot++) {
		struct mbr_spec spec = { .types = { 0 } };
		u8 *block;

		spec.types[slot] = 0xee;
		spec.firsts[slot] = 1;
		block = new_mbr(&spec);
		lg_mbr_set_end(block, 32767);
		CHECK_EQ(get_le(block + 446 + 16 * slot + 12, 4), 32767);
		CHECK(lg_mbr_covers(block, 32767));
		CHECK(!lg_mbr_covers(block, 32768));
		free(block);
	}
	ktap_result("the protective partition is found in any slot", NULL);
}

int main(void)
{
	test_kinds();
	test_ends();
	test_slots();
	return ktap_end();
}
