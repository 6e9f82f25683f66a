// SPDX-License-Identifier: GPL-2.0-or-later
/* Table and kernel held against each other. */
#include <livegrow/live.h>

#include "fixture.h"
#include "ktap.h"

/* Partitions 1 and 3, 2014 and 4096 blocks long. */
static const struct lg_table of_512 = {
	.lba_size = 512,
	.nr_parts = 2,
	.parts = { { 1, 34, 2047 }, { 3, 2048, 6143 } },
};

static const struct {
	const char *name;
	bool agrees;
	u32 resuming;
	u32 nr;
	struct lg_live live[3];
	/* clang-format off */
} rows[] = {
	{ "the same", true, 0, 2, { { 1, 34, 2014 }, { 3, 2048, 4096 } } },
	{ "the same in another order", true, 0, 2, { { 3, 2048, 4096 }, { 1, 34, 2014 } } },
	{ "no partitions live", false, 0, 0, { { 0, 0, 0 } } },
	{ "one missing", false, 0, 1, { { 1, 34, 2014 } } },
	{ "one too many", false, 0, 3, { { 1, 34, 2014 }, { 3, 2048, 4096 }, { 4, 6144, 8 } } },
	{ "another number", false, 0, 2, { { 1, 34, 2014 }, { 2, 2048, 4096 } } },
	{ "another start", false, 0, 2, { { 1, 34, 2014 }, { 3, 2049, 4096 } } },
	{ "a sector less", false, 0, 2, { { 1, 34, 2014 }, { 3, 2048, 4095 } } },
	{ "a sector more", false, 0, 2, { { 1, 34, 2014 }, { 3, 2048, 4097 } } },
	{ "a sector less, being resumed", true, 3, 2, { { 1, 34, 2014 }, { 3, 2048, 4095 } } },
	{ "a sector more, being resumed", false, 3, 2, { { 1, 34, 2014 }, { 3, 2048, 4097 } } },
	{ "another start, being resumed", false, 3, 2, { { 1, 34, 2014 }, { 3, 2047, 4095 } } },
	{ "a sector less, another being resumed", false, 1, 2,
	  { { 1, 34, 2014 }, { 3, 2048, 4095 } } },
};
/* clang-format on */

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(lg_live_agrees(&of_512, rows[i].live, rows[i].nr, rows[i].resuming),
			 rows[i].agrees);
		ktap_result("table and kernel", rows[i].name);
	}
}

/* Only the size of the one, and nothing else, may be another. */
static const struct {
	const char *name;
	bool agrees;
	u32 but;
	struct lg_live last;
} but_rows[] = {
	{ "the same", true, 3, { 3, 2048, 4096 } },
	{ "smaller", true, 3, { 3, 2048, 1 } },
	{ "larger", true, 3, { 3, 2048, 100000 } },
	{ "another start", false, 3, { 3, 2047, 4096 } },
	{ "another number", false, 3, { 4, 2048, 4096 } },
	{ "smaller, another left out", false, 1, { 3, 2048, 4095 } },
	{ "larger, none left out", false, 0, { 3, 2048, 4097 } },
};

static void test_but(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(but_rows); i++) {
		const struct lg_live live[] = { { 1, 34, 2014 }, but_rows[i].last };

		CHECK_EQ(lg_live_agrees_but(&of_512, live, 2, but_rows[i].but), but_rows[i].agrees);
		ktap_result("table and kernel but for one size", but_rows[i].name);
	}
}

static void test_4096(void)
{
	static const struct lg_table table = {
		.lba_size = 4096,
		.nr_parts = 1,
		.parts = { { 1, 256, 511 } },
	};
	const struct lg_live right = { 1, 2048, 2048 }, in_lbas = { 1, 256, 256 };
	const struct lg_live smaller = { 1, 2048, 2040 };

	CHECK(lg_live_agrees(&table, &right, 1, 0));
	CHECK(!lg_live_agrees(&table, &in_lbas, 1, 0));
	CHECK(!lg_live_agrees(&table, &smaller, 1, 0));
	CHECK(lg_live_agrees(&table, &smaller, 1, 1));
	ktap_result("blocks of 4096 are eight of the kernel's sectors", NULL);
}

static void test_none(void)
{
	static const struct lg_table table = { .lba_size = 512 };

	CHECK(lg_live_agrees(&table, NULL, 0, 0));
	CHECK(!lg_live_agrees(&table, rows[0].live, 1, 0));
	ktap_result("a table without partitions agrees with none live", NULL);
}

int main(void)
{
	test_rows();
	test_but();
	test_4096();
	test_none();
	return ktap_end();
}
