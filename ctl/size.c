// SPDX-License-Identifier: GPL-2.0-or-later
/* Sizes for people. */

#include <stdio.h>

#include "util.h"

/**
 * size_text() - a size in the largest binary unit that leaves at least 1
 * @bytes: the size
 * @buf: receives "512 B", "1.5 MiB", "4 GiB"; one decimal at most, cut and not
 *       rounded, so that nothing is said to be larger than it is
 *
 * Returns @buf.
 */
const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	static const char *const units[] = {
		"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB",
	};
	unsigned int unit = 0, tenth;

	while (unit + 1 < ARRAY_SIZE(units) && bytes >> (10 * (unit + 1)))
		unit++;
	tenth = unit ? ((bytes >> (10 * (unit - 1))) & 1023) * 10 / 1024 : 0;
	if (tenth)
		snprintf(buf, SIZE_TEXT, "%u.%u %s", (unsigned int)(bytes >> (10 * unit)), tenth,
			 units[unit]);
	else
		snprintf(buf, SIZE_TEXT, "%u %s", (unsigned int)(bytes >> (10 * unit)),
			 units[unit]);
	return buf;
}
