// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A header whose last usable LBA is short keeps the space behind it from partitions.
 * Most rows are a disk of 1 GiB with 128 entries, whose backup array would begin at
 * LBA 2097119, and a partition from 2048 up to the last usable LBA.
 */
#include <livegrow/policy.h>

#include "fixture.h"
#include "ktap.h"

#define TITLE "B4: a last usable LBA that is short"

#define WAITS LIVEGROW_STATE_WAITING, LIVEGROW_REASON_FREE_TAIL
#define BLOCKED LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_PART_TYPE
#define FULL LIVEGROW_STATE_FULL, LIVEGROW_REASON_NONE

/* clang-format off */
static const struct {
	const char *name;
	struct spec spec;
	u64 disk_last, heard; /* 0: nothing was heard */
	enum livegrow_state state;
	enum livegrow_reason reason;
	bool write;
	u64 grow_to;
	u32 flags;
	struct lg_limits limits;
} rows[] = {
	{ "by 48 MiB, on a disk that grew: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { 0 } },
	{ "the same growth heard: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 2097151, WAITS, false, 0, 0, { 0 } },
	{ "on a disk that did not grow: waits as well",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  2097151, 0, WAITS, false, 0, 0, { 0 } },
	{ "at a person's word: taken",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, FULL, true, 4192255, LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_FREE_TAIL, { 0 } },
	{ "a rule that became wider: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, LIVEGROW_FLAG_FREE_TAIL, { 0 } },
	{ "by 1 MiB: grows",
	  { .last_lba = 2097151, .last_usable = 2095070, .parts = { { 1, 2048, 2095070, 0, 0 } } },
	  4194303, 0, FULL, true, 4192255, 0, { 0 } },
	{ "by 1 MiB and an LBA: waits",
	  { .last_lba = 2097151, .last_usable = 2095069, .parts = { { 1, 2048, 2095069, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { 0 } },
	{ "blocks of 4096, by 1 MiB: grows",
	  { .lba_size = 4096, .last_lba = 262143, .first_usable = 6, .last_usable = 261882,
	    .parts = { { 1, 256, 261882, 0, 0 } } },
	  524287, 0, FULL, true, 524031, 0, { 0 } },
	{ "blocks of 4096, by 1 MiB and an LBA: waits",
	  { .lba_size = 4096, .last_lba = 262143, .first_usable = 6, .last_usable = 261881,
	    .parts = { { 1, 256, 261881, 0, 0 } } },
	  524287, 0, WAITS, false, 0, 0, { 0 } },
	{ "256 entries, by 2 MiB: waits",
	  { .last_lba = 2097151, .nr_entries = 256, .first_usable = 66, .last_usable = 2092990,
	    .parts = { { 1, 2048, 2092990, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { 0 } },
	{ "a partition that ends in front of it: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1992703, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { 0 } },
	{ "the same size kept free by a policy: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { .keep_free = 64 << 20 } },
	{ "a max that the partition has: the header stays, the only record of the reserve",
	  { .last_lba = 2097151, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, LIVEGROW_STATE_FULL, LIVEGROW_REASON_PART_MAX, false, 0, 0, { .max = 1 } },
	{ "swap in front of it: so does this one",
	  { .last_lba = 2097151, .last_usable = 1998847,
	    .parts = { { 1, 2048, 1998847, TYPE_SWAP, 0 } } },
	  4194303, 0, BLOCKED, false, 0, 0, { 0 } },
	{ "by 16 MiB, as sgdisk -e leaves it with a first usable LBA of 32768: grows",
	  { .last_lba = 2097151, .first_usable = 32768, .last_usable = 2064384,
	    .backup_array = 2064385, .parts = { { 1, 32768, 2064384, 0, 0 } } },
	  4194303, 0, FULL, true, 4192255, 0, { 0 } },
	{ "the header moved by a tool that left the LBA of before, growth heard: grows",
	  { .last_lba = 4194303, .last_usable = 2097118, .parts = { { 1, 2048, 2097118, 0, 0 } } },
	  4194303, 2097151, FULL, true, 4192255, 0, { 0 } },
	{ "the header moved with a reserve of before the growth: waits",
	  { .last_lba = 4194303, .last_usable = 1998847, .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 2097151, WAITS, false, 0, 0, { 0 } },
	{ "the header moved with a reserve at the new end: waits",
	  { .last_lba = 4194303, .last_usable = 4096000, .parts = { { 1, 2048, 2097118, 0, 0 } } },
	  4194303, 2097151, WAITS, false, 0, 0, { 0 } },
	{ "a backup array in front of the reserve: waits",
	  { .last_lba = 2097151, .last_usable = 1998847, .backup_array = 1998848,
	    .parts = { { 1, 2048, 1998847, 0, 0 } } },
	  4194303, 0, WAITS, false, 0, 0, { 0 } },
};
/* clang-format on */

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct spec spec = rows[i].spec;
		const struct lg_wish wish = {
			.heard_last = rows[i].heard ?: rows[i].disk_last,
			.align = 1048576,
			.flags = rows[i].flags,
			.limits = rows[i].limits,
			.holding.mount = LG_MOUNT_WRITABLE,
		};
		struct lg_goal goal;
		struct loaded l;
		struct disk disk;

		spec.mbr_size = 0xffffffff;
		fixture_new(&disk, &spec, rows[i].disk_last);
		CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
		lg_policy(&l.table, &wish, &goal);
		CHECK_EQ(goal.state, rows[i].state);
		CHECK_EQ(goal.reason, rows[i].reason);
		CHECK_EQ(goal.write, rows[i].write);
		CHECK_EQ(goal.grow_to, rows[i].grow_to);
		ktap_result(TITLE, rows[i].name);
		loaded_free(&l);
		disk_free(&disk);
	}
	return ktap_end();
}
