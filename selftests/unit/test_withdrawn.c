// SPDX-License-Identifier: GPL-2.0-or-later
/* A commit whose new end is gone: which table is written, and which disk is left as it is. */
#include <livegrow/withdrawn.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

#define OLD 16383 /* last LBA before the growth */
#define NEW 32767
#define MORE 40000
#define ARRAY 32
#define OLD_END 16350
#define NEW_END 30719

static const struct spec new_table = {
	.last_lba = NEW,
	.last_usable = NEW - ARRAY - 1,
	.parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, NEW_END, NULL, 0 } },
};

static const struct lg_live live_before[] = {
	{ .number = 1, .start = 34, .nr_sectors = 2014 },
	{ .number = 2, .start = 2048, .nr_sectors = OLD_END - 2048 + 1 },
};

enum home {
	HOME_OLD,
	HOME_NEW,
	HOME_OTHER, /* another end than the live partition's, and no CRC of it */
};

struct row {
	const char *name;
	u64 last_lba; /* of the disk as it is now */
	enum home home;
	bool complete; /* step 4 is done: no marker */
	enum livegrow_reason reason;
	u32 nr_live;
	bool is_ordered; /* and asked for */
	u64 used_last;
	u64 fitted_last;
	enum lg_withdrawn_todo todo;
	u64 end; /* of the last partition */
	u64 table_last; /* the last LBA that the table is for */
	u32 lba_1_at; /* a field of LBA 1 that is changed, 0: none */
	u64 value;
};

#define SHRUNK LIVEGROW_REASON_SHRUNK
#define DAMAGED LIVEGROW_REASON_PRIMARY_DAMAGED
#define NOTHING LG_WITHDRAWN_NOTHING
#define ASK LG_WITHDRAWN_ASK
#define WRITE LG_WITHDRAWN_WRITE
/* The last end of partition 2 in front of the backup that leaves it a multiple of 8 LBAs. */
#define CUT ((OLD - ARRAY) / 8 * 8 - 1)
#define TIGHT (OLD_END + ARRAY + 1)

/* clang-format off */
static const struct row rows[] = {
	{ "the old table at home, the old size", OLD, HOME_OLD, false, SHRUNK, 2, false, OLD, 0,
	  WRITE, OLD_END, OLD, 0, 0 },
	{ "the new table at home goes back to the live end", OLD, HOME_NEW, false, SHRUNK, 2,
	  false, OLD, 0, WRITE, OLD_END, OLD, 0, 0 },
	{ "the new table at home fits", NEW - 100, HOME_NEW, false, SHRUNK, 2, false, OLD, 0,
	  WRITE, NEW_END, NEW - 100, 0, 0 },
	{ "enlarged again, the new table at home", NEW, HOME_NEW, false, DAMAGED, 2, false, OLD, 0,
	  WRITE, NEW_END, NEW, 0, 0 },
	{ "enlarged again, the old table at home", NEW, HOME_OLD, false, DAMAGED, 2, false, OLD, 0,
	  WRITE, OLD_END, NEW, 0, 0 },
	{ "enlarged to more, the new table at home: for the end that LBA 1 names", MORE, HOME_NEW,
	  false, DAMAGED, 2, false, OLD, 0, WRITE, NEW_END, NEW, 0, 0 },
	{ "enlarged to more, the old table at home: likewise", MORE, HOME_OLD, false, DAMAGED, 2,
	  false, OLD, 0, WRITE, OLD_END, NEW, 0, 0 },
	{ "no room for a backup: for a later end", OLD - 1, HOME_OLD, false, SHRUNK, 2, false,
	  OLD, 0, WRITE, OLD_END, TIGHT, 0, 0 },
	{ "smaller than the partition: for a later end", 9999, HOME_NEW, false, SHRUNK, 2, false,
	  OLD, 0, WRITE, OLD_END, TIGHT, 0, 0 },
	{ "an array that live partitions contradict", OLD, HOME_OLD, false, SHRUNK, 1, false, OLD,
	  0, NOTHING, 0, 0, 0, 0 },
	{ "another end in it than the live one's", OLD, HOME_OTHER, false, SHRUNK, 2, false, OLD,
	  0, WRITE, OLD_END, OLD, 0, 0 },
	{ "an array that cannot be read, the new one at home", NEW, HOME_NEW, false,
	  LIVEGROW_REASON_NONE, 2, false, OLD, 0, WRITE, NEW_END, NEW, 0, 0 },
	{ "enlarged to more, an array that cannot be read, the new one at home", MORE, HOME_NEW,
	  false, LIVEGROW_REASON_NONE, 2, false, OLD, 0, WRITE, NEW_END, NEW, 0, 0 },
	{ "an array that cannot be read, the old one at home", NEW, HOME_OLD, false,
	  LIVEGROW_REASON_NONE, 2, false, OLD, 0, NOTHING, 0, 0, 0, 0 },
	{ "no live partition: a person's word is needed", OLD, HOME_OLD, false, SHRUNK, 0, false,
	  OLD, 0, ASK, 0, 0, 0, 0 },
	{ "no live partition, the old table, ordered", OLD, HOME_OLD, false, SHRUNK, 0, true, OLD,
	  0, WRITE, OLD_END, OLD, 0, 0 },
	{ "no live partition, the new table, ordered: up to the disk's end, in whole 4096 bytes",
	  OLD, HOME_NEW, false, SHRUNK, 0, true, OLD, 0, WRITE, CUT, OLD, 0, 0 },
	{ "complete, back to the old size", OLD, HOME_NEW, true, SHRUNK, 2, false, OLD, NEW,
	  WRITE, OLD_END, OLD, 0, 0 },
	{ "complete, and smaller than before", OLD - 1, HOME_NEW, true, SHRUNK, 2, false, OLD, NEW,
	  NOTHING, 0, 0, 0, 0 },
	{ "complete, and not our commit", OLD, HOME_NEW, true, SHRUNK, 2, false, OLD, 0,
	  NOTHING, 0, 0, 0, 0 },
	{ "complete, no live partition, ordered: up to the disk's end", OLD, HOME_NEW, true,
	  SHRUNK, 0, true, OLD, 0, WRITE, CUT, OLD, 0, 0 },
	{ "complete, no live partition, ordered, smaller than before", 9999, HOME_NEW, true,
	  SHRUNK, 0, true, 9999, 0, WRITE, (9999 - ARRAY) / 8 * 8 - 1, 9999, 0, 0 },
	{ "complete, no live partition, ordered, all of it fits", NEW - 1, HOME_NEW, true, SHRUNK,
	  0, true, NEW - 1, 0, WRITE, NEW_END, NEW - 1, 0, 0 },
	{ "complete, no live partition, not ordered", OLD, HOME_NEW, true, SHRUNK, 0, false, OLD,
	  NEW, NOTHING, 0, 0, 0, 0 },
	{ "complete, the last partition starts behind the disk's end, ordered", 2000, HOME_NEW,
	  true, SHRUNK, 0, true, 2000, 0, NOTHING, 0, 0, 0, 0 },
	{ "complete, the last partition starts where the backup would be, ordered", 2060,
	  HOME_NEW, true, SHRUNK, 0, true, 2060, 0, NOTHING, 0, 0, 0, 0 },
	{ "complete, no live partition, the array damaged, ordered", OLD, HOME_OLD, true, SHRUNK,
	  0, true, OLD, 0, NOTHING, 0, 0, 0, 0 },
	{ "complete, live, all of it fits, not asked", NEW - 1, HOME_NEW, true, SHRUNK, 2, false,
	  NEW - 1, 0, NOTHING, 0, 0, 0, 0 },
	{ "complete, live, all of it fits, asked", NEW - 1, HOME_NEW, true, SHRUNK, 2, true,
	  NEW - 1, 0, WRITE, NEW_END, NEW - 1, 0, 0 },
	{ "complete, live, the entry reaches behind the disk, asked", OLD, HOME_NEW, true, SHRUNK,
	  2, true, OLD, 0, NOTHING, 0, 0, 0, 0 },
	{ "complete, the array damaged", OLD, HOME_OLD, true, SHRUNK, 2, false, OLD, NEW,
	  NOTHING, 0, 0, 0, 0 },
	{ "unsound for another reason", OLD, HOME_OLD, false, LIVEGROW_REASON_ENTRY_OVERLAP, 2,
	  false, OLD, 0, NOTHING, 0, 0, 0, 0 },
	{ "an alternate LBA that no disk has", OLD, HOME_OLD, false, SHRUNK, 2, false, OLD, 0,
	  NOTHING, 0, 0, H_ALTERNATE, UINT64_MAX },
	{ "a last usable LBA behind the alternate one", OLD, HOME_OLD, false, SHRUNK, 2, false,
	  OLD, 0, NOTHING, 0, 0, H_LAST_USABLE, NEW },
	{ "first and last usable LBA the wrong way round", OLD, HOME_OLD, false, SHRUNK, 2, false,
	  OLD, 0, NOTHING, 0, 0, H_FIRST_USABLE, NEW },
	{ "a disk without the array's home", 30, HOME_OLD, false, SHRUNK, 2, false, OLD, 0,
	  NOTHING, 0, 0, 0, 0 },
};
/* clang-format on */

static void put_end(u8 *array, u64 end)
{
	put_le(array + 128 + E_LAST, 8, end);
}

/* The array of the new table lies at home; LBA 1 has its CRC. */
static void new_disk(struct disk *disk, const struct row *row)
{
	u8 *header;

	fixture_new(disk, &new_table, MORE);
	header = disk_at(disk, 1);
	if (row->home != HOME_NEW)
		put_end(disk_at(disk, 2), row->home == HOME_OLD ? OLD_END : OLD_END - 100);
	if (!row->complete) {
		put_le(header + H_ARRAY_LBA, 8, NEW - ARRAY);
		fixture_marker(header, 512, 2);
	}
	if (row->lba_1_at)
		put_le(header + row->lba_1_at, 8, row->value);
	fixture_seal_header(header);
	disk->last_lba = row->last_lba;
}

static enum lg_withdrawn_todo judge_row(const struct disk *disk, const struct row *row,
					struct lg_table *table, struct lg_goal *goal)
{
	const struct lg_withdrawn known = {
		.live = live_before,
		.nr_live = row->nr_live,
		.is_ordered = row->is_ordered,
		.is_asked = row->is_ordered,
		.used_last = row->used_last,
		.fitted_last = row->fitted_last,
	};

	*table = (struct lg_table){
		.lba_size = 512,
		.last_lba = row->last_lba,
		.mbr = disk_at(disk, 0),
	};
	lg_table_read_header(table, disk_at(disk, 1));
	if (!lg_withdrawn_find(table, row->reason))
		return LG_WITHDRAWN_NOTHING;
	CHECK_EQ(table->home_lba, 2);
	CHECK_EQ(table->array_lbas, ARRAY);
	return lg_withdrawn_judge(table, row->reason, disk_at(disk, 2), &known, goal);
}

/* Is the backup at the end that LBA 1 names gone, or that of another table? */
static bool is_torn(const struct disk *disk, const struct row *row)
{
	return row->table_last > disk->last_lba ||
	       (row->table_last == NEW && row->home != HOME_NEW);
}

/* A kernel that boots with the disk, as large as the table is for, finds these partitions. */
static void check_table(const struct disk *disk, const struct row *row)
{
	struct disk larger = *disk;
	struct loaded loaded;

	if (row->table_last > larger.last_lba)
		larger.last_lba = row->table_last;
	CHECK_EQ(fixture_load(&larger, &loaded), LIVEGROW_REASON_NONE);
	CHECK_EQ(loaded.table.nr_parts, 2);
	CHECK_EQ(lg_table_last_part(&loaded.table)->last, row->end);
	CHECK_EQ(loaded.table.alternate, row->table_last);
	CHECK_EQ(loaded.table.backup_torn, is_torn(disk, row));
	/* The next commit clears the header that it leaves behind. */
	CHECK_EQ(loaded.stale.header_lba, row->last_lba > row->table_last ? row->table_last : 0);
	CHECK(!loaded.table.unfinished);
	loaded_free(&loaded);
}

static void write_table(struct disk *disk, const struct row *row, const struct lg_table *table,
			const struct lg_goal *goal)
{
	u8 *buffer = malloc((size_t)lg_plan_buffer_lbas(table) * 512);
	u8 *head = malloc(1024), *array = malloc((size_t)ARRAY * 512);
	struct lg_table own = *table;
	struct lg_plan plan;

	/* The plan points to the blocks as they were read. */
	memcpy(head, disk_at(disk, 0), 1024);
	memcpy(array, disk_at(disk, 2), (size_t)ARRAY * 512);
	own.mbr = head;
	own.header = head + 512;
	own.array = array;
	lg_plan_withdrawn(&own, goal, buffer, &plan);
	CHECK(plan.nr_steps > 0 && plan.nr_steps <= LG_MAX_STEPS);
	for (u32 i = 0; i < plan.nr_steps; i++) {
		const struct lg_step *step = &plan.steps[i];

		CHECK(step->lba + step->count <= disk->last_lba + 1);
		memcpy(disk_at(disk, step->lba), step->data, (size_t)step->count * 512);
	}
	check_table(disk, row);
	free(array);
	free(head);
	free(buffer);
}

static void test_row(const struct row *row)
{
	enum lg_withdrawn_todo todo;
	struct lg_table table;
	struct lg_goal goal;
	struct disk disk;

	new_disk(&disk, row);
	todo = judge_row(&disk, row, &table, &goal);
	CHECK_EQ(todo, row->todo);
	if (todo == LG_WITHDRAWN_WRITE)
		write_table(&disk, row, &table, &goal);
	ktap_result("withdrawn", row->name);
	disk.last_lba = MORE;
	disk_free(&disk);
}

/* A marker from another disk counts for nothing. */
static void test_foreign_marker(void)
{
	const struct row row = { .last_lba = OLD, .home = HOME_OLD, .reason = SHRUNK };
	struct lg_table table;
	struct lg_goal goal;
	struct disk disk;

	new_disk(&disk, &row);
	disk_at(&disk, 1)[H_GUID] ^= 1;
	fixture_seal_header(disk_at(&disk, 1));
	CHECK_EQ(judge_row(&disk, &row, &table, &goal), LG_WITHDRAWN_NOTHING);
	ktap_result("withdrawn", "a marker that was copied from another disk");
	disk.last_lba = MORE;
	disk_free(&disk);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	test_foreign_marker();
	return ktap_end();
}
