// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk in one line, from its start to its end: "1233333333333333++++++++". */

#include "layout.h"

static bool in(uint64_t byte, uint64_t start, uint64_t size)
{
	return byte >= start && byte - start < size;
}

static char cell_of(const struct record *disk, const struct volume *volumes, size_t n,
		    uint64_t byte)
{
	for (size_t i = 0; i < n; i++)
		if (in(byte, volumes[i].start, volumes[i].size))
			return volumes[i].number ? (char)('0' + volumes[i].number % 10) : '=';
	return in(byte, disk->part_start, disk->part_reach) ? '+' : '.';
}

/**
 * layout_draw() - what each part of a disk is
 * @disk: what the module says of it; its capacity counts
 * @volumes: of volumes_of_disk()
 * @n: their number
 * @buf: receives a character for each part: a digit for the partition of that
 *       number (its last digit), "=" for a disk that is used as a whole, "+" for
 *       what the last partition could have yet, and "." for what is nobody's
 *
 * A partition that holds the middle of no part is not seen.
 * Returns @buf.
 */
const char *layout_draw(const struct record *disk, const struct volume *volumes, size_t n,
			char buf[LAYOUT_CELLS + 1])
{
	uint64_t step = disk->capacity / LAYOUT_CELLS;

	for (size_t i = 0; i < LAYOUT_CELLS; i++)
		buf[i] = cell_of(disk, volumes, n, step * i + step / 2);
	buf[LAYOUT_CELLS] = '\0';
	return buf;
}
