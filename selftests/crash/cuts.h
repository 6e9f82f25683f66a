/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of a write's sectors a power cut can leave written. */
#ifndef CRASH_CUTS_H
#define CRASH_CUTS_H

#include <stdbool.h>
#include <stdint.h>

#define CUT_MAX_SECTORS 256

/* Up to so many sectors, every subset is tried. */
#define CUT_ALL_SUBSETS 12

/* Of more, so many at random, where nobody wishes otherwise. */
#define CUT_RANDOM_SUBSETS 200

struct cuts {
	uint32_t count; /* sectors */
	uint32_t random; /* subsets to try besides prefixes and suffixes, of a longer write */
	uint64_t next;
	bool written[CUT_MAX_SECTORS];
};

/* The seed of all random subsets, CRASH_SEED in the environment, and a number below @below. */
uint64_t cuts_seed(void);
uint32_t cuts_random(uint32_t below);

void cuts_begin(struct cuts *cuts, uint32_t count, uint32_t random);

/* The next subset: none of the sectors first, and among the others also all of them. */
bool cuts_next(struct cuts *cuts);

/* How many subsets there are. */
uint64_t cuts_total(const struct cuts *cuts);

#endif /* CRASH_CUTS_H */
