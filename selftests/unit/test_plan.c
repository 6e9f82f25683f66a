// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The commit's steps, and the bytes that they leave: the whole disk afterwards
 * equals one that was never grown but made at its final size, in every byte.
 */
#include <stdlib.h>
#include <string.h>

#include "executor.h"
#include "ktap.h"
#include "oracle.h"

#define BACKUP LIVEGROW_STEP_BACKUP
#define STALE LIVEGROW_STEP_STALE
#define SWITCH LIVEGROW_STEP_SWITCH
#define HOME_ARRAY LIVEGROW_STEP_HOME_ARRAY
#define HOME_HEADER LIVEGROW_STEP_HOME_HEADER
#define MBR LIVEGROW_STEP_MBR
#define ON_COMMAND (LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_FREE_TAIL)

struct scenario {
	const char *name;
	struct spec spec; /* before */
	u64 disk_last;
	u32 align; /* 1 MiB */
	u32 grows; /* index among the spec's partitions */
	u64 grow_to; /* 0: it stays */
	u64 last_usable; /* after */
	u32 flags;
	struct {
		enum livegrow_step id;
		u64 lba;
		u32 count;
	} steps[LG_MAX_STEPS + 1];
};

/* clang-format off */
static const struct scenario scenarios[] = {
	{ "8 to 16 MiB",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 4 }, { 2, 2048, 16350, 0, 1 } } },
	  32767, 0, 1, 30719, 32734, 0,
	  { { BACKUP, 32735, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "by 1 LBA, aligned to a block",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, 0, 0 } } },
	  16384, 512, 1, 16351, 16351, 0,
	  { { STALE, 16351, 1 }, { BACKUP, 16352, 33 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "by 20 LBAs, the new array over the old backup",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, 0, 0 } } },
	  16403, 512, 1, 16370, 16370, 0,
	  { { STALE, 16351, 20 }, { BACKUP, 16371, 33 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "by 32 LBAs, the new array over the old header",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, 0, 0 } } },
	  16415, 512, 1, 16382, 16382, 0,
	  { { STALE, 16351, 32 }, { BACKUP, 16383, 33 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "by 33 LBAs, new and old backup touching, exactly to 1 MiB",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, 0, 0 } } },
	  16416, 0, 1, 16383, 16383, 0,
	  { { BACKUP, 16384, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "by 1 LBA, too little to grow: relocated",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, 0, 0 } } },
	  16384, 0, 1, 0, 16351, 0,
	  { { STALE, 16351, 1 }, { BACKUP, 16352, 33 }, { SWITCH, 1, 1 }, { MBR, 0, 1 } } },
	{ "swap last: relocated",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 }, { 2, 8192, 16350, TYPE_SWAP, 0 } } },
	  32767, 0, 1, 0, 32734, 0,
	  { { BACKUP, 32735, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 },
	    { SWITCH, 1, 1 }, { MBR, 0, 1 } } },
	{ "no partition: relocated",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true },
	  32767, 0, 0, 0, 32734, 0,
	  { { BACKUP, 32735, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 },
	    { SWITCH, 1, 1 }, { MBR, 0, 1 } } },
	{ "the protective MBR's size alone",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true, .mbr_size = 8191,
	    .parts = { { 1, 2048, 16350, 0, 0 } } },
	  16383, 0, 0, 0, 16350, 0, { { MBR, 0, 1 } } },
	{ "a free tail on command, the backup where it belongs",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 } } },
	  16383, 0, 0, 14335, 16350, ON_COMMAND,
	  { { BACKUP, 16351, 33 }, { SWITCH, 1, 1 }, { HOME_ARRAY, 2, 32 },
	    { HOME_HEADER, 1, 1 } } },
	{ "a free tail on command, the backup array in a gap",
	  { .last_lba = 16383, .last_usable = 12287, .backup_array = 12288, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 } } },
	  16383, 0, 0, 14335, 16350, ON_COMMAND,
	  { { STALE, 12288, 32 }, { BACKUP, 16351, 33 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 } } },
	{ "blocks of 4096",
	  { .lba_size = 4096, .last_lba = 2047, .first_usable = 6, .last_usable = 2042,
	    .noise = true, .header_size = 4080,
	    .parts = { { 1, 6, 255, TYPE_BIOS, 0 }, { 2, 256, 2042, 0, 0 } } },
	  4095, 0, 1, 3839, 4090, 0,
	  { { BACKUP, 4091, 5 }, { STALE, 2043, 4 }, { STALE, 2047, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 4 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "256 entries, number 256 grows",
	  { .last_lba = 16383, .last_usable = 16318, .nr_entries = 256, .first_usable = 66,
	    .noise = true, .parts = { { 256, 2048, 16318, 0, 0 } } },
	  32767, 0, 0, 30719, 32702, 0,
	  { { BACKUP, 32703, 65 }, { STALE, 16319, 64 }, { STALE, 16383, 1 },
	    { SWITCH, 1, 1 }, { HOME_ARRAY, 2, 64 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "64 entries at LBA 16",
	  { .last_lba = 16383, .last_usable = 16366, .nr_entries = 64, .array_lba = 16,
	    .first_usable = 2048, .noise = true,
	    .parts = { { 1, 2048, 4095, TYPE_SWAP, 0 }, { 64, 4096, 16366, 0, 0 } } },
	  32767, 0, 1, 30719, 32750, 0,
	  { { BACKUP, 32751, 17 }, { STALE, 16367, 16 }, { STALE, 16383, 1 },
	    { SWITCH, 1, 1 }, { HOME_ARRAY, 16, 16 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "entries of 256 bytes, a header of 256",
	  { .last_lba = 16383, .last_usable = 16318, .entry_size = 256, .first_usable = 66,
	    .header_size = 256, .noise = true,
	    .parts = { { 1, 66, 2047, TYPE_BIOS, 0 }, { 3, 2048, 16318, 0, 0 } } },
	  32767, 0, 1, 30719, 32702, 0,
	  { { BACKUP, 32703, 65 }, { STALE, 16319, 64 }, { STALE, 16383, 1 },
	    { SWITCH, 1, 1 }, { HOME_ARRAY, 2, 64 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "5 entries, with bytes behind them in the array's last block",
	  { .last_lba = 16383, .last_usable = 16380, .nr_entries = 5, .first_usable = 2048,
	    .noise = true, .parts = { { 5, 2048, 16380, 0, 0 } } },
	  32767, 0, 0, 30719, 32764, 0,
	  { { BACKUP, 32765, 3 }, { STALE, 16381, 2 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 2 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "4 entries",
	  { .last_lba = 16383, .last_usable = 16381, .nr_entries = 4, .first_usable = 3,
	    .noise = true, .parts = { { 4, 3, 16381, 0, 0 } } },
	  32767, 0, 0, 30719, 32765, 0,
	  { { BACKUP, 32766, 2 }, { STALE, 16382, 1 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 1 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "the backup array right behind the last usable LBA",
	  { .last_lba = 32767, .last_usable = 30750, .backup_array = 30751, .noise = true,
	    .parts = { { 1, 2048, 30719, 0, 0 } } },
	  49151, 0, 0, 47103, 49118, 0,
	  { { BACKUP, 49119, 33 }, { STALE, 30751, 32 }, { STALE, 32767, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "partition 1 last by offset",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 8192, 16350, 0, 0 }, { 2, 2048, 8191, 0, 0 } } },
	  32767, 0, 0, 30719, 32734, 0,
	  { { BACKUP, 32735, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 }, { MBR, 0, 1 } } },
	{ "a protective MBR of any size",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true, .mbr_size = 0xffffffff,
	    .parts = { { 1, 2048, 16350, 0, 0 } } },
	  32767, 0, 0, 30719, 32734, 0,
	  { { BACKUP, 32735, 33 }, { STALE, 16351, 32 }, { STALE, 16383, 1 }, { SWITCH, 1, 1 },
	    { HOME_ARRAY, 2, 32 }, { HOME_HEADER, 1, 1 } } },
};
/* clang-format on */

static struct lg_wish wish_of(const struct scenario *s)
{
	return (struct lg_wish){ .align = s->align ?: 1048576, .flags = s->flags };
}

static void new_before(struct disk *disk, const struct scenario *s)
{
	fixture_new(disk, &s->spec, s->disk_last);
	fixture_fill(disk, &s->spec);
}

/* The same disk, had its table been made for its final size. */
static void new_after(struct disk *disk, const struct scenario *s)
{
	struct spec spec = s->spec;

	spec.last_lba = s->disk_last;
	spec.last_usable = s->last_usable;
	spec.backup_array = 0;
	if (spec.mbr_size != 0xffffffff)
		spec.mbr_size = 0;
	if (s->grow_to)
		spec.parts[s->grows].last = s->grow_to;
	disk_new(disk, spec.lba_size ?: 512, s->disk_last);
	fixture_fill(disk, &s->spec);
	fixture_write(disk, &spec);
}

static void test_steps(const struct scenario *s)
{
	const struct lg_wish wish = wish_of(s);
	struct disk disk;
	struct look look;
	u32 n;

	new_before(&disk, s);
	look_at(&disk, &wish, &look);
	CHECK_EQ(look.reason, LIVEGROW_REASON_NONE);
	for (n = 0; s->steps[n].id; n++) {
		CHECK_EQ(look.plan.steps[n].id, s->steps[n].id);
		CHECK_EQ(look.plan.steps[n].lba, s->steps[n].lba);
		CHECK_EQ(look.plan.steps[n].count, s->steps[n].count);
	}
	CHECK_EQ(look.plan.nr_steps, n);
	ktap_result("the steps are as listed", s->name);
	look_free(&look);
	disk_free(&disk);
}

static void test_before_images(const struct scenario *s)
{
	const struct lg_wish wish = wish_of(s);
	struct disk disk;
	struct look look;

	new_before(&disk, s);
	look_at(&disk, &wish, &look);
	for (u32 n = 0; n < look.plan.nr_steps; n++) {
		CHECK(step_fits(&disk, &look, &look.plan.steps[n]));
		step_write(&disk, &look.plan.steps[n]);
		CHECK(!memcmp(disk_at(&disk, look.plan.steps[n].lba), look.plan.steps[n].data,
			      (size_t)look.plan.steps[n].count * disk.lba_size));
	}
	ktap_result("each step finds the image that it expects", s->name);
	look_free(&look);
	disk_free(&disk);
}

static void test_final_bytes(const struct scenario *s)
{
	const struct lg_wish wish = wish_of(s);
	struct disk disk, expected;

	new_before(&disk, s);
	new_after(&expected, s);
	CHECK(disk_settle(&disk, &wish, UINT32_MAX) != UINT32_MAX);
	CHECK(disk_same(&disk, &expected));
	ktap_result("every byte is as on a disk made at that size", s->name);
	disk_free(&disk);
	disk_free(&expected);
}

/* Read by the specification alone: both headers, both arrays. */
static void test_oracle(const struct scenario *s)
{
	const struct lg_wish wish = wish_of(s);
	const struct spec_part *part = &s->spec.parts[s->grows];
	struct seen primary, backup;
	struct disk disk;

	new_before(&disk, s);
	disk_settle(&disk, &wish, UINT32_MAX);
	CHECK(oracle_read(&disk, 1, &primary));
	CHECK(oracle_read(&disk, s->disk_last, &backup));
	CHECK_EQ(primary.alternate, s->disk_last);
	CHECK_EQ(backup.alternate, 1);
	CHECK_EQ(primary.array_lba, s->spec.array_lba ?: 2);
	CHECK_EQ(backup.array_lba, s->last_usable + 1);
	CHECK_EQ(primary.last_usable, s->last_usable);
	CHECK_EQ(backup.last_usable, s->last_usable);
	CHECK_EQ(primary.first_usable, s->spec.first_usable ?: 34);
	CHECK_EQ(backup.first_usable, s->spec.first_usable ?: 34);
	if (part->number) {
		CHECK_EQ(oracle_last(&disk, &primary, part->number), s->grow_to ?: part->last);
		CHECK_EQ(oracle_last(&disk, &backup, part->number), s->grow_to ?: part->last);
	}
	CHECK(s->spec.mbr_size == 0xffffffff || get_le(disk_at(&disk, 0) + 458, 4) == s->disk_last);
	ktap_result("both tables are right by the specification", s->name);
	disk_free(&disk);
}

static void test_nothing_left(const struct scenario *s)
{
	struct lg_wish wish = wish_of(s);
	struct disk disk;
	struct look look;

	new_before(&disk, s);
	disk_settle(&disk, &wish, UINT32_MAX);
	wish.flags = 0;
	look_at(&disk, &wish, &look);
	CHECK_EQ(look.reason, LIVEGROW_REASON_NONE);
	CHECK_EQ(look.loaded.table.unfinished, false);
	CHECK_EQ(look.goal.write, false);
	CHECK_EQ(look.goal.grow_to, 0);
	if (s->grow_to) {
		CHECK_EQ(look.goal.state, LIVEGROW_STATE_FULL);
		CHECK_EQ(look.goal.reason, LIVEGROW_REASON_NONE);
		CHECK_EQ(look.goal.reach, s->grow_to);
	}
	ktap_result("afterwards nothing is left to write", s->name);
	look_free(&look);
	disk_free(&disk);
}

/* Once after @first steps, and again @second steps later. */
static void interrupt(const struct scenario *s, u32 first, u32 second, const struct disk *expected)
{
	const struct lg_wish wish = wish_of(s);
	struct disk disk;

	new_before(&disk, s);
	CHECK_EQ(disk_settle(&disk, &wish, first), first);
	CHECK(disk_settle(&disk, &wish, second) <= second);
	CHECK(disk_settle(&disk, &wish, UINT32_MAX) != UINT32_MAX);
	CHECK(disk_same(&disk, expected));
	disk_free(&disk);
}

static void test_interrupted(const struct scenario *s)
{
	struct disk expected;

	new_after(&expected, s);
	for (u32 first = 0; s->steps[first].id; first++)
		for (u32 second = 0; s->steps[second].id; second++)
			interrupt(s, first, second, &expected);
	ktap_result("interrupted twice anywhere, the same bytes", s->name);
	disk_free(&expected);
}

/* A stock parser finds the old table or the new one, after every step. */
static void test_always_a_table(const struct scenario *s)
{
	const struct lg_wish wish = wish_of(s);
	const struct spec_part *part = &s->spec.parts[s->grows];
	struct disk disk;
	struct look look;
	struct seen seen;
	bool switched = false;

	new_before(&disk, s);
	look_at(&disk, &wish, &look);
	for (u32 n = 0; n < look.plan.nr_steps; n++) {
		step_write(&disk, &look.plan.steps[n]);
		switched |= look.plan.steps[n].id == LIVEGROW_STEP_SWITCH;
		CHECK(oracle_read(&disk, 1, &seen));
		if (part->number)
			CHECK_EQ(oracle_last(&disk, &seen, part->number),
				 switched && s->grow_to ? s->grow_to : part->last);
	}
	ktap_result("after each step LBA 1 names the old table or the new", s->name);
	look_free(&look);
	disk_free(&disk);
}

/* A disk as step 2 leaves it; partition 1 has grown to 30719. */
static const struct spec unfinished = {
	.last_lba = 32767,
	.last_usable = 32734,
	.marker = 2,
	.noise = true,
	.parts = { { 1, 2048, 30719, NULL, 0 } },
};

static void test_finish(void)
{
	const struct lg_wish wish = { .align = 1048576 };
	struct disk disk;
	struct look look;

	fixture_new(&disk, &unfinished, 32767);
	look_at(&disk, &wish, &look);
	CHECK_EQ(look.loaded.table.unfinished, true);
	CHECK_EQ(look.plan.nr_steps, 2);
	CHECK_EQ(look.plan.steps[0].id, LIVEGROW_STEP_HOME_ARRAY);
	CHECK_EQ(look.plan.steps[0].lba, 2);
	CHECK_EQ(look.plan.steps[0].count, 32);
	CHECK_EQ(look.plan.steps[0].before.array_lba, 32735);
	CHECK_EQ(look.plan.steps[1].id, LIVEGROW_STEP_HOME_HEADER);
	CHECK_EQ(look.plan.steps[1].lba, 1);
	CHECK_EQ(look.plan.steps[1].count, 1);
	CHECK_EQ(look.plan.steps[1].before.array_lba, 32735);
	ktap_result("finishing an unfinished commit is its steps 3 and 4", NULL);
	look_free(&look);
	disk_free(&disk);
}

static void test_finish_bytes(void)
{
	const struct lg_wish wish = { .align = 1048576 };
	struct spec spec = unfinished;
	struct disk disk, expected;

	spec.marker = 0;
	fixture_new(&disk, &unfinished, 32767);
	fixture_new(&expected, &spec, 32767);
	CHECK_EQ(disk_settle(&disk, &wish, UINT32_MAX), 2);
	CHECK(disk_same(&disk, &expected));
	ktap_result("finishing leaves the bytes of a commit that was not cut", NULL);
	disk_free(&disk);
	disk_free(&expected);
}

/* It is finished for the end that LBA 1 names, then grown to the new one. */
static void test_finish_then_grow(void)
{
	const struct lg_wish wish = { .align = 1048576 };
	struct spec spec = unfinished;
	struct disk disk, expected;

	spec.marker = 0;
	spec.last_lba = 49151;
	spec.last_usable = 49118;
	spec.parts[0].last = 47103;
	fixture_new(&expected, &spec, 49151);
	fixture_new(&disk, &unfinished, 49151);
	CHECK_EQ(disk_settle(&disk, &wish, UINT32_MAX), 9);
	disk_free(&disk);
	for (u32 cut = 0; cut <= 9; cut++) {
		fixture_new(&disk, &unfinished, 49151);
		CHECK_EQ(disk_settle(&disk, &wish, cut), cut);
		CHECK(disk_settle(&disk, &wish, UINT32_MAX) != UINT32_MAX);
		CHECK(disk_same(&disk, &expected));
		disk_free(&disk);
	}
	ktap_result("an unfinished commit on a disk grown again ends at the new size", NULL);
	disk_free(&expected);
}

/* Bytes at the marker's place are somebody's: kept, when only relocating. */
static void test_reserved_bytes(void)
{
	static const struct spec before = {
		.last_lba = 16383,
		.last_usable = 16350,
		.header_size = 512,
		.noise = true,
		.parts = { { 1, 2048, 16350, NULL, 0 } },
	};
	const struct lg_wish wish = { .align = 1048576 };
	struct spec spec = before;
	struct disk disk, expected;

	spec.last_lba = 32767;
	spec.last_usable = 32734;
	fixture_new(&disk, &before, 32767);
	fixture_new(&expected, &spec, 32767);
	memset(disk_at(&disk, 1) + 496, 0x77, 16);
	fixture_seal_header(disk_at(&disk, 1));
	memset(disk_at(&expected, 1) + 496, 0x77, 16);
	memset(disk_at(&expected, 32767) + 496, 0x77, 16);
	fixture_seal_header(disk_at(&expected, 1));
	fixture_seal_header(disk_at(&expected, 32767));
	CHECK_EQ(disk_settle(&disk, &wish, UINT32_MAX), 5);
	CHECK(disk_same(&disk, &expected));
	ktap_result("relocating keeps foreign bytes at the marker's place", NULL);
	disk_free(&disk);
	disk_free(&expected);
}

/* A valid marker that a finished table still carries goes with the next commit. */
static void test_left_marker(void)
{
	const struct lg_wish wish = { .align = 1048576 };
	const struct scenario *s = &scenarios[0];
	struct disk disk, expected;

	new_before(&disk, s);
	new_after(&expected, s);
	fixture_marker(disk_at(&disk, 1), 512, 2);
	CHECK_EQ(disk_settle(&disk, &wish, UINT32_MAX), 7);
	CHECK(disk_same(&disk, &expected));
	ktap_result("a marker that was left behind is cleared", NULL);
	disk_free(&disk);
	disk_free(&expected);
}

/* Whoever was at work on the backup may write LBA 1 next: it is left alone. */
static void test_torn(u64 last_usable, const char *name)
{
	const struct spec spec = { .last_lba = 16383,
				   .last_usable = last_usable,
				   .parts = { { 1, 2048, 10239, NULL, 0 } } };
	const struct lg_wish wish = { .heard_last = 16383, .align = 1048576 };
	struct disk disk, expected;
	struct look look;

	fixture_new(&expected, &spec, 16383);
	fixture_new(&disk, &spec, 16383);
	disk_at(&disk, 16383)[8] ^= 1;
	look_at(&disk, &wish, &look);
	CHECK_EQ(look.plan.nr_steps, 1);
	CHECK_EQ(look.plan.steps[0].id, LIVEGROW_STEP_BACKUP);
	look_free(&look);
	CHECK_EQ(disk_settle(&disk, &wish, UINT32_MAX), 1);
	CHECK(disk_same(&disk, &expected));
	ktap_result("a torn backup is written anew, and nothing else", name);
	disk_free(&disk);
	disk_free(&expected);
}

static void test_buffer(void)
{
	const struct lg_table table = { .lba_size = 512, .array_lbas = 32 };

	CHECK(lg_plan_buffer_lbas(&table) == 68);
	ktap_result("a plan's buffer holds two arrays and four blocks", NULL);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		test_steps(&scenarios[i]);
		test_before_images(&scenarios[i]);
		test_final_bytes(&scenarios[i]);
		test_oracle(&scenarios[i]);
		test_nothing_left(&scenarios[i]);
		test_always_a_table(&scenarios[i]);
		test_interrupted(&scenarios[i]);
	}
	test_finish();
	test_finish_bytes();
	test_finish_then_grow();
	test_reserved_bytes();
	test_left_marker();
	test_torn(16350, NULL);
	test_torn(10239, "B4: the header reserves 3 MiB");
	test_buffer();
	return ktap_end();
}
