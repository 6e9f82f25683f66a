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
	check(&disk, LG_OTHER_BYTES, 512, 4096, true);
	disk_at(&disk, 2)[0] ^= 1;
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);

	new_table(&disk, 512, 2);
	put_le(disk_at(&disk, 8), 8, LG_GPT_SIGNATURE);
	check(&disk, LG_OTHER_BYTES, 4096, 0, false);
	check(&disk, LG_OTHER_BYTES, 512, 0, false);
	disk_free(&disk);
	ktap_result("a signature of its own keeps what is not whole from counting", NULL);
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
	test_unsure();
	test_none();
	return ktap_end();
}
