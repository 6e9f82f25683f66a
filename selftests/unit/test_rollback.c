// SPDX-License-Identifier: GPL-2.0-or-later
/* The order to make the last partition smaller: what is refused, and the bytes it leaves. */
#include <stdlib.h>
#include <string.h>
#include <livegrow/plan.h>
#include <livegrow/rollback.h>

#include "executor.h"
#include "ktap.h"

#define MAX_ROUNDS 4

#define REFUSED LG_ROLLBACK_REFUSED
#define TABLE LG_ROLLBACK_TABLE
#define LIVE LG_ROLLBACK_LIVE
#define DONE LG_ROLLBACK_DONE

/* The partition that rows are about has 14303 blocks. */
static const struct spec plain = {
	.last_lba = 16383,
	.last_usable = 16350,
	.parts = { { 1, 34, 2047, 0, 0 }, { 2, 2048, 16350, 0, 0 } },
};

/* clang-format off */
static const struct {
	const char *name;
	enum lg_rollback_todo todo;
	u64 grow_to;
	u32 part;
	u64 start, size; /* bytes */
	u64 live; /* sectors; 0: no such partition */
} rows[] = {
	{ "to 1 MiB", TABLE, 4095, 2, 2048 * 512, 1 << 20, 14303 },
	{ "to one block", TABLE, 2048, 2, 2048 * 512, 512, 14303 },
	{ "by one block", TABLE, 16349, 2, 2048 * 512, 14302 * 512, 14303 },
	{ "to the live size, which is behind", TABLE, 4095, 2, 2048 * 512, 1 << 20, 2048 },
	{ "to the size that it has", DONE, 0, 2, 2048 * 512, 14303 * 512, 14303 },
	{ "to the table's, live larger", LIVE, 0, 2, 2048 * 512, 14303 * 512, 14304 },
	{ "to a size between live and table", REFUSED, 0, 2, 2048 * 512, 1 << 20, 2047 },
	{ "to the table's, live smaller", REFUSED, 0, 2, 2048 * 512, 14303 * 512, 14302 },
	{ "to a larger one", REFUSED, 0, 2, 2048 * 512, 14304 * 512, 14303 },
	{ "to a larger one that it has live", REFUSED, 0, 2, 2048 * 512, 14304 * 512, 20000 },
	{ "to the largest number", REFUSED, 0, 2, 2048 * 512, ~0ULL & ~511ULL, 14303 },
	{ "to nothing", REFUSED, 0, 2, 2048 * 512, 0, 14303 },
	{ "to a part of a block", REFUSED, 0, 2, 2048 * 512, 511, 14303 },
	{ "to a block and a byte", REFUSED, 0, 2, 2048 * 512, 513, 14303 },
	{ "another start", REFUSED, 0, 2, 2049 * 512, 1 << 20, 14303 },
	{ "a start in blocks", REFUSED, 0, 2, 2048, 1 << 20, 14303 },
	{ "not the last partition", REFUSED, 0, 1, 34 * 512, 512, 14303 },
	{ "an unknown partition", REFUSED, 0, 3, 2048 * 512, 1 << 20, 14303 },
	{ "not live", REFUSED, 0, 2, 2048 * 512, 1 << 20, 0 },
};
/* clang-format on */

static void test_rows(void)
{
	struct loaded loaded;
	struct lg_goal goal;
	struct disk disk;

	fixture_new(&disk, &plain, plain.last_lba);
	fixture_load(&disk, &loaded);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct lg_rollback order = { rows[i].part, rows[i].start, rows[i].size };
		const struct lg_live live = { 2, 2048, rows[i].live };

		memset(&goal, 0, sizeof(goal));
		CHECK_EQ(lg_rollback_judge(&loaded.table, live.nr_sectors ? &live : NULL, &order,
					   &goal),
			 rows[i].todo);
		CHECK_EQ(goal.grow_to, rows[i].grow_to);
		CHECK_EQ(goal.write, rows[i].todo == TABLE);
		CHECK_EQ(goal.relocate, rows[i].todo == TABLE);
		ktap_result("ordered back", rows[i].name);
	}
	loaded_free(&loaded);
	disk_free(&disk);
}

/* Orders @spec's last partition, its @index-th, back to @size bytes. */
static enum lg_rollback_todo judge(const struct disk *disk, const struct spec *spec, int index,
				   u64 size, struct loaded *loaded, struct lg_goal *goal)
{
	const struct spec_part *part = &spec->parts[index];
	const u32 sectors = disk->lba_size / 512;
	const struct lg_live live = { part->number, part->first * sectors,
				      (part->last - part->first + 1) * sectors };
	const struct lg_rollback order = { part->number, part->first * disk->lba_size, size };

	return lg_rollback_judge(&loaded->table, &live, &order, goal);
}

static enum lg_rollback_todo judge_of(const struct spec *spec, bool reserved, u64 size)
{
	enum lg_rollback_todo todo;
	struct loaded loaded;
	struct lg_goal goal;
	struct disk disk;

	fixture_new(&disk, spec, spec->last_lba);
	if (reserved)
		disk_at(&disk, 1)[disk.lba_size - 1] = 1;
	CHECK_EQ(fixture_load(&disk, &loaded), LIVEGROW_REASON_NONE);
	todo = judge(&disk, spec, 0, size, &loaded, &goal);
	loaded_free(&loaded);
	disk_free(&disk);
	return todo;
}

static void test_no_way(void)
{
	static const struct spec one = {
		.last_lba = 16383,
		.last_usable = 16350,
		.parts = { { 1, 2048, 16350, 0, 0 } },
	};
	/* The backup array in front of the partition, which reaches the backup header. */
	static const struct spec full = {
		.last_lba = 16383,
		.first_usable = 66,
		.last_usable = 16382,
		.backup_array = 34,
		.parts = { { 1, 2048, 16382, 0, 0 } },
	};
	static const struct spec none = { .last_lba = 16383, .last_usable = 16350 };

	CHECK_EQ(judge_of(&one, false, 1 << 20), TABLE);
	ktap_result("a table with room for backup and marker", NULL);
	CHECK_EQ(judge_of(&one, true, 1 << 20), REFUSED);
	ktap_result("refused: the marker's bytes are in use", NULL);
	CHECK_EQ(judge_of(&full, false, 1 << 20), REFUSED);
	ktap_result("refused: no room for the new backup", NULL);
	CHECK_EQ(judge_of(&none, false, 1 << 20), REFUSED);
	ktap_result("refused: no partition", NULL);
}

/* clang-format off */
static const struct scenario {
	const char *name;
	struct spec spec; /* before */
	u64 disk_last;
	int part; /* index of the one that goes back */
	u64 last; /* its last LBA then */
	u64 last_usable; /* the table's then */
	u32 steps;
} scenarios[] = {
	{ "the backup at the disk's end",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 4 }, { 2, 2048, 16350, 0, 1 } } },
	  16383, 1, 4095, 16350, 4 },
	{ "to one block",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 16350, 0, 0 } } },
	  16383, 0, 2048, 16350, 4 },
	{ "a displaced backup",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 16350, 0, 0 } } },
	  32767, 0, 8191, 32734, 7 },
	{ "a backup displaced by 20 LBAs",
	  { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 16350, 0, 0 } } },
	  16403, 0, 8191, 16370, 6 },
	{ "the backup array in a gap",
	  { .last_lba = 16383, .last_usable = 12287, .backup_array = 12288, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 } } },
	  16383, 0, 4095, 16350, 5 },
	{ "blocks of 4096, 256 entries",
	  { .lba_size = 4096, .last_lba = 2047, .nr_entries = 256, .first_usable = 10,
	    .last_usable = 2038, .noise = true, .parts = { { 256, 256, 2038, TYPE_SWAP, 0 } } },
	  2047, 0, 511, 2038, 4 },
};
/* clang-format on */

static void new_after(struct disk *disk, const struct scenario *s)
{
	struct spec spec = s->spec;

	spec.last_lba = s->disk_last;
	spec.last_usable = s->last_usable;
	spec.backup_array = 0;
	spec.parts[s->part].last = s->last;
	disk_new(disk, spec.lba_size ?: 512, s->disk_last);
	fixture_fill(disk, &s->spec);
	fixture_write(disk, &spec);
}

/* One round: an unfinished commit, or what the order needs. Return: steps written. */
static u32 round_of(struct disk *disk, const struct scenario *s, u32 max_steps)
{
	const struct spec_part *part = &s->spec.parts[s->part];
	u32 lba_size = disk->lba_size, i = 0;
	struct look look = { 0 };

	CHECK_EQ(fixture_load(disk, &look.loaded), LIVEGROW_REASON_NONE);
	look.buffer = malloc((size_t)lg_plan_buffer_lbas(&look.loaded.table) * lba_size);
	if (look.loaded.table.unfinished)
		lg_plan_finish(&look.loaded.table, look.buffer, &look.plan);
	else if (judge(disk, &s->spec, s->part, (s->last - part->first + 1) * lba_size,
		       &look.loaded, &look.goal) == TABLE)
		lg_plan_commit(&look.loaded.table, &look.goal, &look.loaded.stale, look.buffer,
			       &look.plan);
	for (; i < look.plan.nr_steps && i < max_steps; i++) {
		CHECK(step_fits(disk, &look, &look.plan.steps[i]));
		step_write(disk, &look.plan.steps[i]);
	}
	look_free(&look);
	return i;
}

/* The order, until it is done, and what a look finds missing then: no growth. */
static void go_on(struct disk *disk, const struct scenario *s)
{
	const struct lg_wish wish = { .align = 1048576 };

	for (int round = 0; round < MAX_ROUNDS && round_of(disk, s, UINT32_MAX); round++)
		;
	CHECK(disk_settle(disk, &wish, UINT32_MAX) <= 1);
}

static void test_scenario(const struct scenario *s)
{
	struct disk disk, expected;

	new_after(&expected, s);
	for (u32 cut = 0; cut <= s->steps; cut++) {
		fixture_new(&disk, &s->spec, s->disk_last);
		fixture_fill(&disk, &s->spec);
		CHECK_EQ(round_of(&disk, s, cut), cut);
		go_on(&disk, s);
		CHECK(disk_same(&disk, &expected));
		disk_free(&disk);
	}
	ktap_result("stopped after each step and ordered again, the bytes of a new table", s->name);
	fixture_new(&disk, &s->spec, s->disk_last);
	CHECK_EQ(round_of(&disk, s, UINT32_MAX), s->steps);
	CHECK_EQ(round_of(&disk, s, UINT32_MAX), 0);
	ktap_result("as many steps as a growth has", s->name);
	disk_free(&disk);
	disk_free(&expected);
}

int main(void)
{
	test_rows();
	test_no_way();
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		test_scenario(&scenarios[i]);
	return ktap_end();
}
