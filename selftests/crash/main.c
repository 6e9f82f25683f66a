// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a power cut can leave of a grow: crash RESULTS.ktap [DIRECTORY]. With a
 * directory, where preload.so is, other tools have their hands on some of the disks.
 * CRASH_RANDOM says how many random subsets of a long write are tried.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cuts.h"
#include "deaths.h"
#include "enumerate.h"
#include "foreign.h"
#include "holdings.h"
#include "report.h"
#include "tool.h"
#include "touch.h"
#include "withdrawals.h"

static u32 random_subsets(void)
{
	const char *given = getenv("CRASH_RANDOM");

	return given ? (u32)strtoul(given, NULL, 0) : CUT_RANDOM_SUBSETS;
}

/* Fewer, and something was left out. */
#define MIN_STATES 10000

/* Of grows and rollbacks, and of dead primaries: there a reboot may find no partitions. */
static struct counts counts, dead, withdrawn, held;

static void try_layout(const struct layout *layout, bool with_tools)
{
	static struct subject subject;

	subject_new(&subject, layout);
	subject_grow_more(&subject);
	enumerate(&subject, random_subsets(), &counts);
	if (!layout->back) {
		deaths(&subject, random_subsets(), &dead);
		holdings(&subject, &held);
	}
	withdrawals(&subject, &withdrawn);
	subject_free(&subject);
	if (with_tools && !layout->back)
		counts.bad += touch(layout);
}

static u32 planned_results(bool with_tools)
{
	u32 results = 1 + (with_tools ? nr_tools + foreign_results() : 0);

	for (u32 i = 0; i < nr_layouts; i++) {
		results += enumerate_results(&layouts[i]) + withdrawals_results(&layouts[i]);
		if (!layouts[i].back)
			results += deaths_results(&layouts[i]) + holdings_results(&layouts[i]) +
				   (with_tools ? touch_results(&layouts[i]) : 0);
	}
	return results;
}

static bool try_all(const char *results, const char *directory)
{
	report_begin(results, planned_results(directory));
	report_note("CRASH_SEED=%#" PRIx64 " CRASH_RANDOM=%u", cuts_seed(), random_subsets());
	if (directory)
		tools_begin(directory);
	for (u32 i = 0; i < nr_layouts; i++)
		try_layout(&layouts[i], directory);
	if (directory) {
		touch_end();
		foreign(&layouts[0]);
		tools_end();
	}
	report_result(counts.states >= MIN_STATES && counts.identical == counts.states,
		      "all layouts", "enough states, each resumed");
	return report_end();
}

int main(int argc, char **argv)
{
	bool good;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: %s RESULTS.ktap [DIRECTORY]\n", argv[0]);
		return 1;
	}
	printf("CRASH_SEED=%#" PRIx64 "\n", cuts_seed());
	good = try_all(argv[1], argc == 3 ? argv[2] : NULL);
	printf("dead-primaries: %" PRIu64 " checked, %" PRIu64 " bad\n", (uint64_t)dead.states,
	       (uint64_t)dead.bad);
	printf("contents: %" PRIu64 " checked, %" PRIu64 " bad\n", (uint64_t)held.states,
	       (uint64_t)held.bad);
	printf("withdrawn: %" PRIu64 " checked, %" PRIu64 " bad\n", (uint64_t)withdrawn.states,
	       (uint64_t)withdrawn.bad);
	printf("crash-states: %" PRIu64 " checked, %" PRIu64 " bad, %" PRIu64
	       " resumed identical\n",
	       (uint64_t)counts.states, (uint64_t)counts.bad, (uint64_t)counts.identical);
	return good && !counts.bad && !dead.bad && !withdrawn.bad && !held.bad ? 0 : 1;
}
