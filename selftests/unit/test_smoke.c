// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pseudo-random tables, most of them damaged in ways that their CRCs do not
 * show, through all of the core under the sanitizers. Whatever is planned has to
 * respect the old table. UNIT_SEED in the environment repeats a run.
 */
#include <stdlib.h>
#include <string.h>

#include "executor.h"
#include "ktap.h"
#include "oracle.h"

#define ROUNDS 20000
#define OLD_LAST 4095

static u64 state = 0x6c697665;

static u64 rnd(u64 below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

static bool one_in(u64 n)
{
	return rnd(n) == 0;
}

/* What a look at one table came to, counted to see that each way is taken. */
static struct {
	u32 refused;
	u32 idle;
	u32 finished;
	u32 relocated;
	u32 grown;
	u32 mbr_only;
} seen;

static void random_parts(struct spec *spec)
{
	static const char *const types[] = { TYPE_LINUX, TYPE_LINUX, TYPE_SWAP, TYPE_BASIC };
	u64 next = spec->first_usable;

	for (u32 i = 0; i < rnd(MAX_SPEC_PARTS + 1); i++) {
		u64 room = spec->last_usable - next;
		u64 first = next + (one_in(2) ? 0 : rnd(room / 4 + 1));
		u64 last = one_in(2) ? spec->last_usable : first + rnd(room / 2 + 1);

		if (last > spec->last_usable || first > last)
			return;
		spec->parts[i] = (struct spec_part){
			i + 1, first, last, types[rnd(4)], one_in(8) ? 1ULL << 60 : 0,
		};
		next = last + 1;
		if (next >= spec->last_usable)
			return;
	}
}

/* A sound table of a disk of OLD_LAST + 1 blocks. */
static struct spec random_spec(void)
{
	static const u32 nrs[] = { 4, 5, 16, 64, 128 };
	struct spec spec = {
		.lba_size = one_in(4) ? 4096 : 512,
		.last_lba = OLD_LAST,
		.nr_entries = nrs[rnd(5)],
		.entry_size = 128 << rnd(3),
		.array_lba = 2 + (one_in(4) ? rnd(20) : 0),
		.noise = one_in(2),
		.mbr_size = one_in(4) ? (u32)rnd(OLD_LAST) + 1 : OLD_LAST,
	};
	u64 array = (spec.nr_entries * spec.entry_size + spec.lba_size - 1) / spec.lba_size;

	spec.header_size = one_in(8) ? 92 + (u32)rnd(spec.lba_size - 91) : 92;
	spec.first_usable = spec.array_lba + array + (one_in(4) ? rnd(64) : 0);
	spec.last_usable = OLD_LAST - array - 1 - (one_in(4) ? rnd(200) : 0);
	if (one_in(2))
		spec.backup_array = spec.last_usable + 1;
	if (one_in(8))
		spec.marker = spec.array_lba;
	random_parts(&spec);
	return spec;
}

/* A number near something that matters. */
static u64 odd_number(const struct disk *disk)
{
	const u64 near[] = { 0, 1, 2, 34, OLD_LAST, disk->last_lba, 1ULL << 32, UINT64_MAX };

	return near[rnd(8)] + rnd(9) - 4;
}

static void damage_header(struct disk *disk, u64 lba)
{
	static const u8 fields[] = { H_ALTERNATE,  H_FIRST_USABLE, H_LAST_USABLE, H_ARRAY_LBA,
				     H_NR_ENTRIES, H_ENTRY_SIZE,   H_MY_LBA };
	u8 *header = disk_at(disk, lba);

	if (one_in(2))
		put_le(header + fields[rnd(7)], one_in(4) ? 4 : 8, odd_number(disk));
	else
		header[one_in(2) ? rnd(92) : rnd(disk->lba_size)] ^= 1 << rnd(8);
	if (get_le(header + H_SIZE, 4) <= disk->lba_size)
		fixture_seal_header(header);
}

static void damage_entry(struct disk *disk, const struct spec *spec)
{
	u8 *entry = fixture_entry(disk, 1 + (u32)rnd(spec->nr_entries));

	switch (rnd(3)) {
	case 0:
		put_le(entry + (one_in(2) ? E_FIRST : E_LAST), 8, odd_number(disk));
		break;
	case 1:
		entry[rnd(spec->entry_size)] ^= 1 << rnd(8);
		break;
	case 2:
		fixture_guid(TYPE_LINUX, entry);
		put_le(entry + E_FIRST, 8, rnd(OLD_LAST));
		put_le(entry + E_LAST, 8, rnd(OLD_LAST));
	}
	fixture_seal(disk);
}

static void damage(struct disk *disk, const struct spec *spec)
{
	u8 *header = disk_at(disk, 1);

	if (one_in(2))
		return;
	if (one_in(2))
		damage_entry(disk, spec);
	if (one_in(8))
		fixture_marker(header, disk->lba_size, odd_number(disk));
	if (one_in(4))
		damage_header(disk, OLD_LAST);
	if (one_in(4))
		damage_header(disk, 1);
}

/* Inside the disk, off every partition, LBA 0 and 1 only by those who may. */
static bool step_is_lawful(const struct lg_table *table, const struct lg_step *step)
{
	bool is_mbr = step->id == LIVEGROW_STEP_MBR;
	bool is_header = step->id == LIVEGROW_STEP_SWITCH || step->id == LIVEGROW_STEP_HOME_HEADER;
	u64 end = step->lba + step->count;

	if (!step->count || end > table->last_lba + 1)
		return false;
	if (is_mbr || is_header)
		return step->lba == (is_mbr ? 0 : 1) && step->count == 1;
	for (u32 i = 0; i < table->nr_parts; i++)
		if (step->lba <= table->parts[i].last && end > table->parts[i].first)
			return false;
	return step->lba >= 2 && (end <= step->before.array_lba ||
				  step->lba >= step->before.array_lba + table->array_lbas);
}

static bool run_lawfully(struct disk *disk, const struct look *look)
{
	for (u32 n = 0; n < look->plan.nr_steps; n++) {
		const struct lg_step *step = &look->plan.steps[n];

		if (!step_is_lawful(&look->loaded.table, step) || !step_fits(disk, look, step))
			return false;
		step_write(disk, step);
	}
	return true;
}

/* At its home, the array is the old one but for the growing entry's last LBA. */
static bool array_is_lawful(const struct disk *disk, const struct look *look)
{
	const struct lg_table *table = &look->loaded.table;
	size_t size = (size_t)table->array_lbas * table->lba_size;
	u8 *expected = malloc(size);
	bool same;

	memcpy(expected, look->loaded.array, size);
	if (look->goal.grow_to)
		put_le(expected + (size_t)(look->goal.part->number - 1) * table->entry_size +
			       E_LAST,
		       8, look->goal.grow_to);
	same = !memcmp(disk_at(disk, table->home_lba), expected, size);
	free(expected);
	return same;
}

/* Only ever larger, and not to where the new backup lies. */
static bool growth_is_lawful(const struct look *look)
{
	const struct lg_table *table = &look->loaded.table;
	const struct lg_goal *goal = &look->goal;

	return !goal->grow_to ||
	       (goal->grow_to > goal->part->last &&
		goal->grow_to < table->last_lba - table->array_lbas &&
		lg_table_is_free(table, goal->part->last + 1, goal->grow_to - goal->part->last));
}

static bool result_is_sound(const struct disk *disk, const struct look *look)
{
	const struct lg_wish wish = { .align = disk->lba_size };
	struct seen primary, backup;
	struct look after;
	bool sound;

	look_at(disk, &wish, &after);
	sound = !after.reason && !after.loaded.table.unfinished && oracle_read(disk, 1, &primary) &&
		after.loaded.table.nr_parts == look->loaded.table.nr_parts;
	if (sound && look->goal.relocate)
		sound = oracle_read(disk, disk->last_lba, &backup) && !after.goal.write &&
			primary.last_usable == backup.last_usable;
	look_free(&after);
	return sound;
}

static void count(const struct look *look)
{
	seen.refused += look->reason != LIVEGROW_REASON_NONE;
	seen.idle += !look->reason && !look->plan.nr_steps;
	seen.finished += look->loaded.table.unfinished && look->plan.nr_steps;
	seen.grown += look->goal.grow_to != 0;
	seen.relocated += look->goal.relocate && !look->goal.grow_to;
	seen.mbr_only += look->goal.write && !look->goal.relocate;
}

static bool try_one(struct disk *disk)
{
	const struct lg_wish wish = {
		.heard_last = one_in(2) ? OLD_LAST : 0,
		.flags = (u32)rnd(32),
		.align = disk->lba_size << rnd(12),
	};
	struct look look;
	bool lawful = true;

	look_at(disk, &wish, &look);
	count(&look);
	if (look.plan.nr_steps)
		lawful = growth_is_lawful(&look) && run_lawfully(disk, &look) &&
			 array_is_lawful(disk, &look) && result_is_sound(disk, &look);
	look_free(&look);
	return lawful;
}

static void test_tables(void)
{
	for (u32 round = 0; round < ROUNDS; round++) {
		u64 growth = one_in(8) ? 0 : one_in(2) ? rnd(100) : rnd(4096);
		u64 began = state;
		struct spec spec = random_spec();
		struct disk disk;

		fixture_new(&disk, &spec, OLD_LAST + growth);
		damage(&disk, &spec);
		if (!try_one(&disk)) {
			printf("# round %u, growth %llu, state %#llx\n", round,
			       (unsigned long long)growth, (unsigned long long)began);
			CHECK(!"lawful");
		}
		disk_free(&disk);
	}
	ktap_result("random tables: every write respects the old table", NULL);

	printf("# %u refused, %u idle, %u finished, %u relocated, %u grown, %u MBR only\n",
	       seen.refused, seen.idle, seen.finished, seen.relocated, seen.grown, seen.mbr_only);
	CHECK(seen.refused >= 100);
	CHECK(seen.idle >= 100);
	CHECK(seen.finished >= 100);
	CHECK(seen.relocated >= 100);
	CHECK(seen.grown >= 100);
	CHECK(seen.mbr_only >= 100);
	ktap_result("random tables: each way is taken at least a hundred times", NULL);
}

int main(void)
{
	const char *seed = getenv("UNIT_SEED");

	if (seed)
		state = strtoull(seed, NULL, 0) ?: 1;
	printf("# UNIT_SEED=%#llx\n", (unsigned long long)state);
	test_tables();
	return ktap_end();
}
