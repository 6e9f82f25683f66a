// SPDX-License-Identifier: GPL-2.0-or-later
/* The time that deadlines and events are counted in, and that people do. */

#include <time.h>

#include "util.h"

#define NS_PER_S INT64_C(1000000000)

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

/** now_ms() - milliseconds of a clock that nobody sets. */
int64_t now_ms(void)
{
	return clock_ns(CLOCK_MONOTONIC) / 1000000;
}

/**
 * clock_when() - a time of the module's as people tell it, by what the clocks say now
 * @ns: nanoseconds of CLOCK_MONOTONIC
 *
 * Returns seconds since 1970.
 */
uint64_t clock_when(uint64_t ns)
{
	int64_t ago = clock_ns(CLOCK_MONOTONIC) - (int64_t)(ns & INT64_MAX);
	int64_t when = clock_ns(CLOCK_REALTIME) - ago;

	return when > 0 ? (uint64_t)(when / NS_PER_S) : 0;
}
