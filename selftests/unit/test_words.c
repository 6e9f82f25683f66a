// SPDX-License-Identifier: GPL-2.0-or-later
/* Every reason and every step of the module has words, and no other number has. */
#include <livegrow/words.h>

#include "ktap.h"

static bool is_known(const char *words)
{
	return strcmp(words, "unknown");
}

/* Those that name a partition, a driver, a block size or an errno are made where these are known. */
static bool is_made_elsewhere(int reason)
{
	return reason == LIVEGROW_REASON_NONE || reason == LIVEGROW_REASON_DRIVER ||
	       reason == LIVEGROW_REASON_PART_TYPE || reason == LIVEGROW_REASON_PART_CONTENT ||
	       reason == LIVEGROW_REASON_PART_READ_ONLY ||
	       reason == LIVEGROW_REASON_PART_METADATA || reason == LIVEGROW_REASON_PART_HOLDS ||
	       reason == LIVEGROW_REASON_BLOCK_SIZE || reason == LIVEGROW_REASON_STEP_FAILED;
}

static void test_reasons(void)
{
	for (int reason = 0; reason <= LIVEGROW_REASON_USE_AWAITED; reason++) {
		CHECK_EQ(is_known(lg_reason_words(reason)), !is_made_elsewhere(reason));
		if (ktap_is_bad)
			printf("# reason %d\n", reason);
	}
	ktap_result("every reason has words", NULL);
	CHECK(!is_known(lg_reason_words(LIVEGROW_REASON_USE_AWAITED + 1)));
	CHECK(!is_known(lg_reason_words((enum livegrow_reason) - 1)));
	ktap_result("a number that is no reason has none", NULL);
}

static void test_steps(void)
{
	for (int step = 0; step <= LIVEGROW_STEP_PARTITION; step++)
		CHECK(is_known(lg_step_words(step)));
	ktap_result("every step has words", NULL);
	CHECK(!is_known(lg_step_words(LIVEGROW_STEP_FILESYSTEM)));
	CHECK(!is_known(lg_step_words((enum livegrow_step) - 1)));
	ktap_result("userspace's and what is none have none", NULL);
}

int main(void)
{
	test_reasons();
	test_steps();
	return ktap_end();
}
