/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tool wrote, in order. */
#ifndef CRASH_SPY_H
#define CRASH_SPY_H

#include <stdbool.h>
#include <stdint.h>

/* The data follow; without any, it is a flush. */
struct spy_record {
	uint64_t offset;
	uint64_t len;
};

#endif /* CRASH_SPY_H */
