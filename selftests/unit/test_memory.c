// SPDX-License-Identifier: GPL-2.0-or-later
/* When the daemon answers again what the last partition holds. */
#include <linux/livegrow.h>

#include "ktap.h"
#include "memory.h"

#define AWAITED LIVEGROW_REASON_CONTENT_AWAITED
#define UNKNOWN LIVEGROW_REASON_PART_UNKNOWN

static const struct {
	const char *title;
	bool has_look;
	uint32_t asked, ended, reason;
	bool runs, wants;
} cases[] = {
	{ "the answer is under way", true, 5, 4, AWAITED, true, false },
	{ "a correction is under way", true, 5, 4, UNKNOWN, true, false },
	{ "under way, and the numbers wrapped", true, 1, UINT32_MAX, AWAITED, true, false },
	{ "the module waits once more", true, 5, 5, AWAITED, false, true },
	{ "the module waits in a later look", true, 5, 9, AWAITED, false, true },
	{ "nothing was found", true, 5, 5, UNKNOWN, false, true },
	{ "the module waits, and the numbers wrapped", true, UINT32_MAX, 1, AWAITED, false, true },
	{ "no look was asked for", false, 0, 7, AWAITED, false, true },
	/* The module has reasons of its own for these, which no answer ends. */
	{ "mounted read-only", true, 5, 9, LIVEGROW_REASON_MOUNTED_READ_ONLY, false, false },
	{ "closed", true, 5, 9, LIVEGROW_REASON_PART_CLOSED, false, false },
	{ "by its type", true, 5, 9, LIVEGROW_REASON_PART_CONTENT, false, false },
	{ "no reason", true, 5, 9, LIVEGROW_REASON_NONE, false, false },
};

static void test_answers(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct disk_memory disk = {
			.has_look = cases[i].has_look,
			.look = cases[i].asked,
		};
		const struct record now = {
			.look = cases[i].ended,
			.reason = cases[i].reason,
		};

		CHECK_EQ(memory_look_runs(&disk, &now), cases[i].runs);
		CHECK_EQ(memory_wants_answer(&disk, &now), cases[i].wants);
		ktap_result("the daemon answers again", cases[i].title);
	}
}

int main(void)
{
	test_answers();
	return ktap_end();
}
