// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The size of a partition that grows stays a multiple of what it was a multiple of.
 * Most rows are a disk of 2 GiB whose table still ends at 1032 MiB.
 */
#include <livegrow/policy.h>

#include "fixture.h"
#include "ktap.h"

#define TITLE "A1: the size stays a multiple of its grain"
#define ROUNDS 20000

/* clang-format off */
static const struct row {
	const char *name;
	u32 lba_size; /* 512 */
	u64 first, size; /* LBAs */
	u64 header_last; /* the table's end: 2113535 */
	u64 disk_last; /* 4194303 */
	u32 align; /* 1 MiB */
	struct lg_limits limits;
	u64 live_size; /* LBAs, as another tool's table does not have it */
	u64 grown; /* LBAs that the partition has afterwards */
} rows[] = {
	{ .name = "1 MiB, start 2049", .first = 2049, .size = 2048000, .grown = 4190208 },
	{ .name = "64 KiB, start 2049", .first = 2049, .size = 2000000, .grown = 4192128 },
	{ .name = "4096, start 2049", .first = 2049, .size = 2048008, .grown = 4192216 },
	{ .name = "4096, start 63", .first = 63, .size = 2048008, .grown = 4194208 },
	{ .name = "4096, start 34", .first = 34, .size = 2048008, .grown = 4194232 },
	{ .name = "4096, start 40: the end is aligned too", .first = 40, .size = 2048008,
	  .grown = 4192216 },
	{ .name = "1 MiB, start 40: the end is as aligned as the start", .first = 40,
	  .size = 2048000, .grown = 4192256 },
	{ .name = "1 MiB, start 2048: the end is aligned too", .first = 2048, .size = 2048000,
	  .grown = 4190208 },
	{ .name = "an odd number of sectors, start 2048: the end is aligned", .first = 2048,
	  .size = 2048001, .grown = 4190208 },
	{ .name = "an odd number of sectors, start 2049: the end is aligned",
	  .first = 2049, .size = 2048001, .grown = 4190207 },
	{ .name = "a multiple of 2048 bytes, start 2049: the end is aligned",
	  .first = 2049, .size = 2048004, .grown = 4190207 },
	{ .name = "1 MiB, aligned to 4096 bytes, as somebody wants it", .first = 2048,
	  .size = 2048000, .align = 4096, .grown = 4192216 },
	{ .name = "1 MiB, aligned to 4096 bytes, start 2049", .first = 2049,
	  .size = 2048000, .align = 4096, .grown = 4192216 },
	{ .name = "4096, aligned to 4096 bytes, start 2056", .first = 2056, .size = 2048008,
	  .align = 4096, .grown = 4192208 },
	{ .name = "1 MiB, aligned to 64 MiB", .first = 2048, .size = 2048000,
	  .align = 64 << 20, .grown = 4061184 },
	{ .name = "1 MiB, aligned to 64 MiB, start 2049: the size alone can be", .first = 2049,
	  .size = 2048000, .align = 64 << 20, .grown = 4190208 },
	{ .name = "64 KiB, aligned to a physical block of 64 KiB, start 2176", .first = 2176,
	  .size = 2000000, .align = 65536, .grown = 4192000 },
	{ .name = "max, start 2049", .first = 2049, .size = 2048000,
	  .limits.max = 1610612736, .grown = 3145728 },
	{ .name = "max, a byte less", .first = 2049, .size = 2048000,
	  .limits.max = 1610612735, .grown = 3143680 },
	{ .name = "max, no multiple of 4096", .first = 2049, .size = 2048008,
	  .limits.max = 1610612736 + 2048, .grown = 3145728 },
	{ .name = "keep-free, start 2049", .first = 2049, .size = 2048000,
	  .limits.keep_free = 536870912, .grown = 3141632 },
	{ .name = "keep-free in per cent, start 2049", .first = 2049, .size = 2048008,
	  .limits.keep_per_cent = 10, .grown = 3772784 },
	{ .name = "no room for another MiB", .first = 2049, .size = 2109440,
	  .disk_last = 2113568, .grown = 2109440 },
	{ .name = "room for just another MiB", .first = 2049, .size = 2109440,
	  .disk_last = 2113569, .grown = 2111488 },
	{ .name = "repaired by hand, on a larger disk", .first = 2049, .size = 4190200,
	  .header_last = 4194303, .disk_last = 6291455, .grown = 6289368 },
	{ .name = "the size that it has live counts", .first = 2049, .size = 2048008,
	  .live_size = 2050048, .grown = 4190208 },
	{ .name = "blocks of 4096, 1 MiB, start 257", .lba_size = 4096, .first = 257,
	  .size = 256000, .header_last = 264191, .disk_last = 524287, .grown = 523776 },
	{ .name = "blocks of 4096, a block, start 257: the end is aligned", .lba_size = 4096,
	  .first = 257, .size = 256001, .header_last = 264191, .disk_last = 524287,
	  .grown = 523775 },
	{ .name = "blocks of 4096, a physical block of 16384", .lba_size = 4096, .first = 258,
	  .size = 256002, .header_last = 264191, .disk_last = 524287, .align = 16384,
	  .grown = 524022 },
};
/* clang-format on */

static void disk_of(const struct row *row, struct disk *disk)
{
	struct spec spec = {
		.lba_size = row->lba_size,
		.last_lba = row->header_last ?: 2113535,
		.mbr_size = 0xffffffff,
		.parts = { { 1, row->first, row->first + row->size - 1, 0, 0 } },
	};

	spec.last_usable = spec.last_lba - (row->lba_size == 4096 ? 5 : 33);
	fixture_new(disk, &spec, row->disk_last ?: 4194303);
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct lg_wish wish = {
			.align = row->align ?: 1048576,
			.holding.mount = LG_MOUNT_WRITABLE,
			.limits = row->limits,
			.live_last = row->live_size ? row->first + row->live_size - 1 : 0,
		};
		struct lg_goal goal;
		struct loaded l;
		struct disk disk;

		disk_of(row, &disk);
		wish.heard_last = wish.live_last ? row->header_last ?: 2113535 : disk.last_lba;
		CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
		lg_policy(&l.table, &wish, &goal);
		CHECK_EQ(goal.grow_to ? goal.grow_to - row->first + 1 : row->size, row->grown);
		CHECK_EQ(goal.reach - row->first + 1, row->grown);
		ktap_result(TITLE, row->name);
		loaded_free(&l);
		disk_free(&disk);
	}
}

/* Any size, start, end and alignment, held against a search from the end. */

static u64 state;

static u64 rnd(u64 below)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

static u64 pow2_of(u64 number)
{
	u64 power = 1;

	while (number % (power * 2) == 0)
		power *= 2;
	return power;
}

/* LBAs of 512 bytes. */
static u64 grain_of(u64 size, u64 align)
{
	u64 grain = pow2_of(size), max = align < 2048 ? align : 2048;

	if (grain < 8)
		return 1;
	return grain < max ? grain : max;
}

static u64 search(u64 first, u64 size, u64 usable, u64 align)
{
	u64 grain = grain_of(size, align);

	for (u64 end = usable; end > first + size - 1; end--) {
		if ((end + 1 - first) % grain)
			continue;
		if (first % grain || (end + 1) % align == 0)
			return end;
	}
	return first + size - 1;
}

static bool try_one(void)
{
	u64 first = 34 + rnd(4096) * (1ULL << rnd(8)), size = (1 + rnd(4000)) << rnd(13);
	u64 align = 8ULL << rnd(12), usable = first + size - 1 + rnd(20000);
	const struct lg_wish wish = {
		.heard_last = usable + 33,
		.align = (u32)align * 512,
		.flags = LIVEGROW_FLAG_FREE_TAIL,
		.holding.mount = LG_MOUNT_WRITABLE,
	};
	struct lg_gpt_entry entry = { 0 };
	struct lg_table table = {
		.lba_size = 512,
		.last_lba = usable + 33,
		.alternate = usable + 33,
		.first_usable = 34,
		.last_usable = usable,
		.array_lbas = 32,
		.entry_size = 128,
		.nr_parts = 1,
		.parts = { { 1, first, first + size - 1 } },
		.array = (u8 *)&entry,
	};
	u8 mbr[512] = { 0 }, header[512] = { 0 };
	struct lg_goal goal;
	u64 found;

	table.mbr = mbr;
	table.header = header;
	fixture_guid(TYPE_LINUX, entry.type);
	lg_policy(&table, &wish, &goal);
	found = search(first, size, usable, align);
	if (goal.reach == found && goal.grow_to == (found > first + size - 1 ? found : 0))
		return true;
	printf("# first %llu, size %llu, usable %llu, align %llu: %llu, not %llu\n", first, size,
	       usable, align, goal.reach, found);
	return false;
}

static void test_search(void)
{
	for (int i = 0; i < ROUNDS; i++)
		CHECK(try_one());
	ktap_result(TITLE, "any start, size, end and alignment");
}

int main(void)
{
	test_rows();
	test_search();
	return ktap_end();
}
