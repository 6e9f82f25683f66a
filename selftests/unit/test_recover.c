// SPDX-License-Identifier: GPL-2.0-or-later
/* A dead primary: where its backup is looked for, which is taken, what is written. */
#include <livegrow/recover.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

#define BACKUP 16383 /* where the backup header is */
#define LAST 32767 /* the disk has grown since */

static const struct spec base = {
	.last_lba = BACKUP,
	.last_usable = 16350,
	.parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, NULL, 0 } },
};

/* A disk whose LBA 1 is dead, its one field changed; 0 bytes: but for its CRC. */
static void new_dead(struct disk *disk, u32 at, u32 bytes, u64 value)
{
	fixture_new(disk, &base, LAST);
	put_le(disk_at(disk, 1) + at, bytes, value);
	disk_at(disk, 1)[H_CRC] ^= 1;
}

static struct lg_table table_of(const struct disk *disk)
{
	return (struct lg_table){
		.lba_size = disk->lba_size,
		.last_lba = disk->last_lba,
		.mbr = disk_at(disk, 0),
	};
}

static const struct {
	const char *name;
	u32 at;
	u32 bytes;
	u64 value;
	u64 heard;
	u32 mbr_size;
	u64 places[LG_MAX_PLACES];
	u32 nr;
	/* clang-format off */
} place_rows[] = {
	{ "all say the same, and the disk's end", 0, 0, 0, BACKUP, BACKUP, { BACKUP, LAST }, 2 },
	{ "LBA 1's word before the others", H_ALTERNATE, 8, 9999, 8888, 7777,
	  { 9999, 8888, 7777, LAST }, 4 },
	{ "LBA 1 without a signature names none", H_SIGNATURE, 8, 0, LAST, BACKUP,
	  { LAST, BACKUP }, 2 },
	{ "a protective MBR for any disk names none", H_SIGNATURE, 8, 0, BACKUP, 0xffffffff,
	  { BACKUP, LAST }, 2 },
	{ "nothing past the disk", H_ALTERNATE, 8, LAST + 1, LAST, LAST + 1, { LAST }, 1 },
	{ "nothing in front of LBA 2", H_ALTERNATE, 8, 1, LAST, 0, { LAST }, 1 },
};
/* clang-format on */

static void test_places(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(place_rows); i++) {
		u64 places[LG_MAX_PLACES] = { 0 };
		struct lg_table table;
		struct disk disk;

		new_dead(&disk, place_rows[i].at, place_rows[i].bytes, place_rows[i].value);
		put_le(disk_at(&disk, 0) + 458, 4, place_rows[i].mbr_size);
		table = table_of(&disk);
		CHECK_EQ(lg_recover_places(&table, disk_at(&disk, 1), place_rows[i].heard, places),
			 place_rows[i].nr);
		CHECK(!memcmp(places, place_rows[i].places, sizeof(places)));
		ktap_result("places", place_rows[i].name);
		disk_free(&disk);
	}
}

static void test_named(void)
{
	struct disk disk;
	u8 *dead;

	new_dead(&disk, 0, 0, 0);
	dead = disk_at(&disk, 1);
	CHECK(lg_recover_is_named(dead, BACKUP));
	CHECK(!lg_recover_is_named(dead, LAST));
	dead[0] = 0;
	CHECK(!lg_recover_is_named(dead, BACKUP));
	ktap_result("named is what an LBA 1 with a signature names", NULL);
	disk_free(&disk);
}

#define NONE LIVEGROW_REASON_NONE
#define BOTH LIVEGROW_REASON_BOTH_DAMAGED

/* What is changed at the backup header, sealed again. */
static const struct {
	const char *name;
	u32 at;
	u32 bytes;
	u64 value;
	enum livegrow_reason reason;
	/* clang-format off */
} header_rows[] = {
	{ "the other header of a table", H_REVISION, 4, 0x10000, NONE },
	{ "no signature", H_SIGNATURE, 8, 0, BOTH },
	{ "moved here from elsewhere", H_MY_LBA, 8, BACKUP - 1, BOTH },
	{ "one that names another primary", H_ALTERNATE, 8, 2, BOTH },
	{ "no room for the array in front of the partitions", H_FIRST_USABLE, 8, 33,
	  LIVEGROW_REASON_ARRAY_PLACE },
	{ "usable blocks past the disk", H_LAST_USABLE, 8, LAST + 1, LIVEGROW_REASON_SHRUNK },
	{ "usable blocks as far as the header itself", H_LAST_USABLE, 8, BACKUP,
	  LIVEGROW_REASON_UNSUPPORTED },
	{ "an array of no entries", H_NR_ENTRIES, 4, 0, LIVEGROW_REASON_UNSUPPORTED },
};
/* clang-format on */

static void test_headers(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(header_rows); i++) {
		struct lg_table table;
		struct disk disk;
		u8 *backup, made[512];

		new_dead(&disk, 0, 0, 0);
		table = table_of(&disk);
		backup = disk_at(&disk, BACKUP);
		put_le(backup + header_rows[i].at, header_rows[i].bytes, header_rows[i].value);
		fixture_seal_header(backup);
		CHECK_EQ(lg_recover_header(&table, disk_at(&disk, 1), backup, BACKUP, made),
			 header_rows[i].reason);
		ktap_result("a backup header", header_rows[i].name);
		disk_free(&disk);
	}
}

static void test_unsealed(void)
{
	struct lg_table table;
	struct disk disk;
	u8 made[512];

	new_dead(&disk, 0, 0, 0);
	table = table_of(&disk);
	disk_at(&disk, BACKUP)[H_CRC] ^= 1;
	CHECK_EQ(lg_recover_header(&table, disk_at(&disk, 1), disk_at(&disk, BACKUP), BACKUP, made),
		 BOTH);
	ktap_result("a backup header with a wrong CRC is none", NULL);
	disk_free(&disk);
}

/* What LBA 1 still says of the array's home, of a table with room from 2 to 2047. */
static const struct {
	const char *name;
	u64 named;
	u64 marker; /* 0: none */
	bool signature;
	u64 home;
	/* clang-format off */
} home_rows[] = {
	{ "as LBA 1 names it", 16, 0, true, 16 },
	{ "the last possible", 2016, 0, true, 2016 },
	{ "not where it would meet the first usable LBA", 2017, 0, true, 2 },
	{ "not at LBA 1", 1, 0, true, 2 },
	{ "LBA 1 without a signature: 2", 16, 0, false, 2 },
	{ "a marker's word, not where the array is meanwhile", 16351, 16, true, 16 },
	{ "a marker's word, of two", 32, 16, true, 16 },
	{ "no marker's word that cannot be", 32, 5000, true, 32 },
};
/* clang-format on */

static void test_homes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(home_rows); i++) {
		struct spec spec = base;
		struct lg_table table;
		struct disk disk;
		u8 *dead, made[512];

		spec.first_usable = 2048;
		spec.parts[0] = (struct spec_part){ 2, 2048, 16350, NULL, 0 };
		spec.parts[1].number = 0;
		fixture_new(&disk, &spec, LAST);
		table = table_of(&disk);
		dead = disk_at(&disk, 1);
		put_le(dead + H_ARRAY_LBA, 8, home_rows[i].named);
		if (home_rows[i].marker)
			fixture_marker(dead, 512, home_rows[i].marker);
		dead[H_CRC] ^= 1;
		dead[0] = home_rows[i].signature ? dead[0] : 0;
		CHECK_EQ(lg_recover_header(&table, dead, disk_at(&disk, BACKUP), BACKUP, made),
			 NONE);
		CHECK_EQ(table.home_lba, home_rows[i].home);
		CHECK_EQ(table.array_lba, home_rows[i].home);
		CHECK_EQ(table.unfinished, false);
		ktap_result("the array's home", home_rows[i].name);
		disk_free(&disk);
	}
}

static const struct {
	const char *name;
	u64 array_lba;
	u64 expected;
	/* clang-format off */
} array_rows[] = {
	{ "in front of its header", 16351, 16351 },
	{ "the last that the disk has room for", LAST - 31, LAST - 31 },
	{ "past the disk's end", LAST - 30, 0 },
	{ "past the disk", LAST + 1, 0 },
	{ "2^64 - 1", UINT64_MAX, 0 },
	{ "the primary's own", 2, 0 },
};
/* clang-format on */

static void test_arrays(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(array_rows); i++) {
		struct lg_table table;
		struct disk disk;
		u8 *backup, made[512];

		new_dead(&disk, 0, 0, 0);
		table = table_of(&disk);
		backup = disk_at(&disk, BACKUP);
		put_le(backup + H_ARRAY_LBA, 8, array_rows[i].array_lba);
		fixture_seal_header(backup);
		CHECK_EQ(lg_recover_header(&table, disk_at(&disk, 1), backup, BACKUP, made), NONE);
		CHECK_EQ(lg_recover_array_lba(&table, backup), array_rows[i].expected);
		ktap_result("the backup's array", array_rows[i].name);
		disk_free(&disk);
	}
}

static const struct {
	const char *name;
	u32 at;
	u32 bytes;
	u64 value;
	u32 mbr_size;
	bool stale;
	/* clang-format off */
} stale_rows[] = {
	{ "all say the same: no", 0, 0, 0, BACKUP, false },
	{ "a protective MBR that is one too long: no", 0, 0, 0, BACKUP + 1, false },
	{ "a protective MBR that goes further: yes", 0, 0, 0, BACKUP + 2, true },
	{ "a protective MBR as far as the disk: yes", 0, 0, 0, LAST, true },
	{ "a protective MBR that goes past the disk: no", 0, 0, 0, LAST + 2, false },
	{ "a protective MBR for any disk: no", 0, 0, 0, 0xffffffff, false },
	{ "LBA 1 names a later backup: yes", H_ALTERNATE, 8, LAST, BACKUP, true },
	{ "LBA 1 names one past the disk: no", H_ALTERNATE, 8, LAST + 1, BACKUP, false },
	{ "LBA 1 has later usable blocks: yes", H_LAST_USABLE, 8, BACKUP + 1, BACKUP, true },
	{ "LBA 1 without a signature says nothing", H_SIGNATURE, 8, 0, BACKUP, false },
};
/* clang-format on */

static void test_stale(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(stale_rows); i++) {
		struct lg_table table;
		struct disk disk;
		u8 *dead, made[512];

		new_dead(&disk, stale_rows[i].at, stale_rows[i].bytes, stale_rows[i].value);
		put_le(disk_at(&disk, 0) + 458, 4, stale_rows[i].mbr_size);
		table = table_of(&disk);
		dead = disk_at(&disk, 1);
		CHECK_EQ(lg_recover_header(&table, dead, disk_at(&disk, BACKUP), BACKUP, made),
			 NONE);
		CHECK_EQ(lg_recover_is_stale(&table, dead), stale_rows[i].stale);
		ktap_result("an older, smaller table", stale_rows[i].name);
		disk_free(&disk);
	}
}

/* Array and LBA 1 dead: afterwards the disk is what it was before they died. */
static void test_plan(void)
{
	struct disk disk, expected;
	struct lg_table table;
	struct lg_plan plan;
	u8 *dead, *backup, made[512], over[32 * 512];

	fixture_new(&expected, &base, LAST);
	new_dead(&disk, 0, 0, 0);
	memset(disk_at(&disk, 5), 0x55, 512);
	memcpy(over, disk_at(&disk, 2), sizeof(over));
	table = table_of(&disk);
	dead = disk_at(&disk, 1);
	backup = disk_at(&disk, BACKUP);
	CHECK_EQ(lg_recover_header(&table, dead, backup, BACKUP, made), NONE);
	CHECK_EQ(lg_table_read_array(&table, disk_at(&disk, lg_recover_array_lba(&table, backup))),
		 NONE);
	lg_plan_recover(&table, dead, backup, over, &plan);
	CHECK_EQ(plan.nr_steps, 2);
	for (u32 i = 0; i < plan.nr_steps; i++) {
		const struct lg_step *step = &plan.steps[i];

		CHECK_EQ(step->id, i ? LIVEGROW_STEP_RECOVER_HEADER : LIVEGROW_STEP_RECOVER_ARRAY);
		CHECK(step->before.header == dead && step->before.mbr == table.mbr);
		CHECK_EQ(step->before.array_lba, 16351);
		CHECK(!memcmp(step->before.array, disk_at(&disk, 16351), sizeof(over)));
		CHECK(step->over == (i ? NULL : over));
		memcpy(disk_at(&disk, step->lba), step->data, (size_t)step->count * 512);
	}
	CHECK(disk_same(&disk, &expected));
	ktap_result("recovering writes the array, then LBA 1, as they were", NULL);
	disk_free(&disk);
	disk_free(&expected);
}

int main(void)
{
	test_places();
	test_named();
	test_headers();
	test_unsealed();
	test_homes();
	test_arrays();
	test_stale();
	test_plan();
	return ktap_end();
}
