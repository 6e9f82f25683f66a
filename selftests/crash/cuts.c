// SPDX-License-Identifier: GPL-2.0-or-later
/* All subsets of a short write; prefixes, suffixes and random ones of a long one. */
#include <stdlib.h>

#include "cuts.h"

static uint64_t state;

uint64_t cuts_seed(void)
{
	const char *seed = getenv("CRASH_SEED");

	state = seed ? strtoull(seed, NULL, 0) : 0;
	if (!state)
		state = 0x63757473;
	return state;
}

static uint64_t step(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dULL >> 16;
}

uint32_t cuts_random(uint32_t below)
{
	return (uint32_t)(step() % below);
}

void cuts_begin(struct cuts *cuts, uint32_t count, uint32_t random)
{
	if (count > CUT_MAX_SECTORS)
		abort();
	cuts->count = count;
	cuts->random = random;
	cuts->next = 0;
}

static bool is_short(const struct cuts *cuts)
{
	return cuts->count <= CUT_ALL_SUBSETS;
}

/* Of a longer write: prefixes of 0 to all, then proper suffixes, then the rest. */
uint64_t cuts_total(const struct cuts *cuts)
{
	return is_short(cuts) ? 1ULL << cuts->count : 2 * (uint64_t)cuts->count + cuts->random;
}

static bool is_written(const struct cuts *cuts, uint32_t sector)
{
	uint64_t nr = cuts->next;

	if (is_short(cuts))
		return nr >> sector & 1;
	if (nr <= cuts->count)
		return sector < nr;
	if (nr < 2 * (uint64_t)cuts->count)
		return sector >= nr - cuts->count;
	return cuts_random(2);
}

bool cuts_next(struct cuts *cuts)
{
	if (cuts->next == cuts_total(cuts))
		return false;
	for (uint32_t i = 0; i < cuts->count; i++)
		cuts->written[i] = is_written(cuts, i);
	cuts->next++;
	return true;
}
