// SPDX-License-Identifier: GPL-2.0-or-later
/* The mark of an unfinished commit. */
#include <livegrow/marker.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static const u32 lba_sizes[] = { 512, 4096 };

/* A header of @header_size with a GUID; the rest of the block is zero. */
static u8 *new_header(u32 lba_size, u32 header_size)
{
	u8 *block = calloc(1, lba_size);

	if (!block)
		abort();
	put_le(block + H_SIZE, 4, header_size);
	memset(block + H_GUID, 0x5a, 16);
	return block;
}

static void test_written(u32 lba_size)
{
	u8 *block = new_header(lba_size, 92), *expected = new_header(lba_size, 92);

	CHECK_EQ(lg_marker_read(block, lba_size), 0);
	fixture_marker(expected, lba_size, 0x1122334455667788);
	lg_marker_write(block, lba_size, 0x1122334455667788);
	CHECK(!memcmp(block, expected, lba_size));
	CHECK_EQ(lg_marker_read(block, lba_size), 0x1122334455667788);
	CHECK(lg_marker_has_room(block, lba_size));
	ktap_result("a marker is 16 bytes at the block's end, and is read again", NULL);

	lg_marker_clear(block, lba_size);
	free(expected);
	expected = new_header(lba_size, 92);
	CHECK(!memcmp(block, expected, lba_size));
	CHECK_EQ(lg_marker_read(block, lba_size), 0);
	ktap_result("a cleared marker leaves zeros", NULL);
	free(block);
	free(expected);
}

/* Magic, checksum and home in the block, and the GUID: each bit of it. */
static void test_damaged(u32 lba_size)
{
	u8 *block = new_header(lba_size, 92);

	lg_marker_write(block, lba_size, 2);
	for (u32 bit = 0; bit < 128; bit++) {
		block[lba_size - 16 + bit / 8] ^= 1 << bit % 8;
		CHECK_EQ(lg_marker_read(block, lba_size), 0);
		CHECK(!lg_marker_has_room(block, lba_size));
		block[lba_size - 16 + bit / 8] ^= 1 << bit % 8;
	}
	CHECK_EQ(lg_marker_read(block, lba_size), 2);
	ktap_result("a marker with any bit flipped is none, but foreign bytes", NULL);

	for (u32 byte = 0; byte < 16; byte++) {
		block[H_GUID + byte] ^= 1;
		CHECK_EQ(lg_marker_read(block, lba_size), 0);
		block[H_GUID + byte] ^= 1;
	}
	ktap_result("another disk's marker is none", NULL);
	free(block);
}

static void test_room(u32 lba_size)
{
	u8 *block = new_header(lba_size, 92);

	CHECK(lg_marker_has_room(block, lba_size));
	block[lba_size - 17] = 1;
	CHECK(lg_marker_has_room(block, lba_size));
	for (u32 byte = lba_size - 16; byte < lba_size; byte++) {
		block[byte] = 1;
		CHECK(!lg_marker_has_room(block, lba_size));
		block[byte] = 0;
	}
	ktap_result("foreign bytes at a marker's place leave no room, those before it do", NULL);
	free(block);
}

static const struct {
	const char *name;
	u32 lba_size;
	u32 header_size;
	bool room;
	/* clang-format off */
} overlaps[] = {
	{ "496 of 512", 512, 496, true },
	{ "497 of 512", 512, 497, false },
	{ "512 of 512", 512, 512, false },
	{ "512 of 4096", 4096, 512, true },
	{ "4080 of 4096", 4096, 4080, true },
	{ "4081 of 4096", 4096, 4081, false },
};
/* clang-format on */

static void test_overlaps(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(overlaps); i++) {
		u32 lba_size = overlaps[i].lba_size;
		u8 *block = new_header(lba_size, overlaps[i].header_size);

		CHECK_EQ(lg_marker_has_room(block, lba_size), overlaps[i].room);
		fixture_marker(block, lba_size, 2);
		CHECK_EQ(lg_marker_read(block, lba_size), overlaps[i].room ? 2 : 0);
		ktap_result("a marker's room behind a header of", overlaps[i].name);
		free(block);
	}
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(lba_sizes); i++) {
		test_written(lba_sizes[i]);
		test_damaged(lba_sizes[i]);
		test_room(lba_sizes[i]);
	}
	test_overlaps();
	return ktap_end();
}
