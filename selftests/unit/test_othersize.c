// SPDX-License-Identifier: GPL-2.0-or-later
/* A table that was made for another block size than the disk is attached with. */
#include <livegrow/othersize.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static const u32 sizes[] = { 512, 1024, 2048, 4096 };

static void new_table(struct disk *disk, u32 lba_size, u64 array_lba)
{
	const struct spec spec = {
		.lba_size = lba_size,
		.last_lba = 16383,
		.array_lba = array_lba,
		.first_usable = 2048,
		.last_usable = 16300,
		.parts = { { 1, 2048, 16300, NULL, 0 } },
	};

	fixture_new(disk, &spec, spec.last_lba);
}

/* By a copy of @size bytes, so that the sanitizer sees a byte too many. */
static struct lg_other find(const struct disk *disk, size_t size, u32 lba_size)
{
	u8 *start = malloc(size);
	struct lg_other other;

	memcpy(start, disk_at(disk, 0), size);
	other = lg_other_find(start, size, lba_size);
	free(start);
	return other;
}

static void check(const struct disk *disk, size_t size, u32 lba_size, u32 expected, bool whole)
{
	struct lg_other other = find(disk, size, lba_size);

	CHECK_EQ(other.lba_size, expected);
	CHECK_EQ(other.is_whole, whole);
}

static void test_whole(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct disk disk;

		new_table(&disk, sizes[i], 2);
		for (size_t j = 0; j < ARRAY_SIZE(sizes); j++)
			check(&disk, LG_OTHER_BYTES, sizes[j], i == j ? 0 : sizes[i], i != j);
		/* The largest one that a kernel takes. */
		check(&disk, LG_OTHER_BYTES, 65536, sizes[i], true);
		disk_free(&disk);
	}
	ktap_result("a whole table of each size is found by each other, and by its own none", NULL);
}

static void test_damaged(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 own = sizes[i] == 4096 ? 512 : 4096;
		struct disk disk;

		new_table(&disk, sizes[i], 2);
		disk_at(&disk, 1)[H_CRC] ^= 1;
		check(&disk, LG_OTHER_BYTES, own, sizes[i], false);
		disk_at(&disk, 1)[H_CRC] ^= 1;
		disk_at(&disk, 2)[0] ^= 1;
		check(&disk, LG_OTHER_BYTES, own, sizes[i], false);
		disk_at(&disk, 1)[0] ^= 1;
		check(&disk, LG_OTHER_BYTES, own, 0, false);
		disk_free(&disk);
	}
	ktap_result("a damaged one is found by its signature", NULL);
}

/* The disk's own table, damaged, with what an earlier one of another size left. */
static void test_stale(void)
{
	u8 *own;
	struct disk disk;

	new_table(&disk, 4096, 2);
	own = disk_at(&disk, 0) + 512;
	put_le(own, 8, LG_GPT_SIGNATURE);
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);

	new_table(&disk, 512, 2);
	put_le(disk_at(&disk, 8), 8, LG_GPT_SIGNATURE);
	check(&disk, LG_OTHER_BYTES, 4096, 0, false);
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);
	ktap_result("a signature of its own is not outweighed by what is left of another", NULL);
}

/* Byte by byte, a table of @size over one of @old, whose array of @nr entries may survive. */
static void new_over(struct disk *disk, u32 old, u32 size, u32 nr_old, u32 nr)
{
	struct spec spec = {
		.lba_size = size,
		.last_lba = 16383,
		.nr_entries = nr,
		.first_usable = 2048,
		.last_usable = 16300,
		.parts = { { 1, 2048, 16300, NULL, 0 } },
	};
	struct spec spec_old = spec;
	u8 *start = malloc(LG_OTHER_BYTES);
	struct disk stale;

	spec_old.lba_size = old;
	spec_old.nr_entries = nr_old;
	fixture_new(&stale, &spec_old, spec_old.last_lba);
	fixture_new(disk, &spec, spec.last_lba);
	memcpy(start, disk_at(&stale, 0), LG_OTHER_BYTES);
	/* Some tools leave all of LBA 0 as it was. */
	memcpy(start + size, disk_at(disk, 1), size);
	memcpy(start + (size_t)2 * size, disk_at(disk, 2), (size_t)nr * 128);
	memcpy(disk_at(disk, 0), start, LG_OTHER_BYTES);
	free(start);
	disk_free(&stale);
}

static const struct {
	const char *name;
	u32 old, size, nr_old, nr;
	bool old_is_whole;
	/* clang-format off */
} over_rows[] = {
	{ "4096 over a whole 512 in LBA 0", 512, 4096, 4, 128, true },
	{ "4096 over what is left of 512", 512, 4096, 128, 128, false },
	{ "2048 over a whole 512 in LBA 0", 512, 2048, 4, 128, true },
	{ "512 with a short array over a whole 4096", 4096, 512, 128, 4, true },
	{ "1024 with a short array over a whole 4096", 4096, 1024, 128, 4, true },
};
/* clang-format on */

/* The newer table is the disk's own, and damaged. */
static void test_over(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(over_rows); i++) {
		u32 size = over_rows[i].size, old = over_rows[i].old;
		struct disk disk;

		new_over(&disk, old, size, over_rows[i].nr_old, over_rows[i].nr);
		check(&disk, LG_OTHER_BYTES, size, 0, false);
		disk_at(&disk, 2)[0] ^= 1;
		check(&disk, LG_OTHER_BYTES, size, 0, false);
		disk_at(&disk, 1)[H_CRC] ^= 1;
		check(&disk, LG_OTHER_BYTES, size, 0, false);
		disk_at(&disk, 1)[0] ^= 1;
		check(&disk, LG_OTHER_BYTES, size, old, over_rows[i].old_is_whole);
		ktap_result(
			"A5: a damaged table over an older one of another size is the disk's own",
			over_rows[i].name);
		disk_free(&disk);
	}
}

/* A table of 4096 over one of 512, whose valid header is left in LBA 0, attached with 512. */
static void test_overwritten(void)
{
	struct disk disk;

	new_over(&disk, 512, 4096, 128, 128);
	check(&disk, LG_OTHER_BYTES, 512, 4096, true);
	disk_at(&disk, 2)[0] ^= 1;
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);
	new_over(&disk, 512, 4096, 4, 128);
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);
	ktap_result("A5: a header in the array that LBA 1 names is the newer table's", NULL);
}

static void test_signature(void)
{
	struct disk disk;

	new_table(&disk, 4096, 2);
	disk_at(&disk, 1)[H_CRC] ^= 1;
	disk_at(&disk, 2)[0] ^= 1;
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);
	ktap_result("A5: a signature is no table", NULL);
}

static const struct {
	const char *name;
	u32 at;
	u32 bytes;
	u64 value;
	/* clang-format off */
} unsure_rows[] = {
	{ "an array behind what is read", H_ARRAY_LBA, 8, LG_OTHER_BYTES / 4096 },
	{ "an array that begins where that ends", H_ARRAY_LBA, 8, LG_OTHER_BYTES / 4096 - 1 },
	{ "an array at no place of any disk", H_ARRAY_LBA, 8, ~0ULL },
	{ "an array that is longer than any", H_NR_ENTRIES, 4, 0xffffffff },
	{ "MyLBA 2", H_MY_LBA, 8, 2 },
	{ "a header that is larger than a block", H_SIZE, 4, 4097 },
};
/* clang-format on */

static void test_unsure(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(unsure_rows); i++) {
		struct disk disk;

		new_table(&disk, 4096, 2);
		put_le(disk_at(&disk, 1) + unsure_rows[i].at, unsure_rows[i].bytes,
		       unsure_rows[i].value);
		if (unsure_rows[i].at != H_SIZE)
			fixture_seal_header(disk_at(&disk, 1));
		check(&disk, LG_OTHER_BYTES, 512, 4096, false);
		ktap_result("a table that cannot be checked is not whole", unsure_rows[i].name);
		disk_free(&disk);
	}
}

static void test_none(void)
{
	struct disk disk;

	disk_new(&disk, 512, 16383);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		check(&disk, LG_OTHER_BYTES, sizes[i], 0, false);
	disk_free(&disk);
	new_table(&disk, 4096, 2);
	check(&disk, 4096, 512, 0, false);
	check(&disk, 8192, 512, 4096, false);
	check(&disk, 8192 + 16384, 512, 4096, true);
	check(&disk, 0, 512, 0, false);
	disk_free(&disk);
	ktap_result("nothing is found in what is empty or too short", NULL);
}

int main(void)
{
	test_whole();
	test_damaged();
	test_stale();
	test_over();
	test_overwritten();
	test_signature();
	test_unsure();
	test_none();
	return ktap_end();
}
