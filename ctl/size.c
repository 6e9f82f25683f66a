// SPDX-License-Identifier: GPL-2.0-or-later
/* Sizes for people, and from them. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define DIGITS "0123456789"

/* Three digits of the unit P still fit into 64 bits. */
#define FRACTION_DIGITS 3
#define FRACTION_UNIT 5

static const char *const units[] = {
	"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB",
};

static unsigned int unit_of(uint64_t bytes)
{
	unsigned int unit = 0;

	while (unit + 1 < ARRAY_SIZE(units) && bytes >> (10 * (unit + 1)))
		unit++;
	return unit;
}

static void unit_text(uint64_t bytes, unsigned int unit, char buf[SIZE_TEXT])
{
	uint64_t tenth = unit ? ((bytes >> (10 * (unit - 1))) & 1023) * 10 / 1024 : 0;

	if (tenth)
		snprintf(buf, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 " %s", bytes >> (10 * unit), tenth,
			 units[unit]);
	else
		snprintf(buf, SIZE_TEXT, "%" PRIu64 " %s", bytes >> (10 * unit), units[unit]);
}

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
	unit_text(bytes, unit_of(bytes), buf);
	return buf;
}

/**
 * sizes_text() - two sizes that are to be told apart
 * @old: the one
 * @new: the other
 * @ret_old: receives it as by size_text(), or in the first smaller unit that
 *           makes the two texts differ
 * @ret_new: receives the other in the same way
 */
void sizes_text(uint64_t old, uint64_t new, char ret_old[SIZE_TEXT], char ret_new[SIZE_TEXT])
{
	unsigned int unit = unit_of(old);

	size_text(old, ret_old);
	size_text(new, ret_new);
	while (unit && !strcmp(ret_old, ret_new)) {
		unit--;
		unit_text(old, unit, ret_old);
		unit_text(new, unit, ret_new);
	}
}

/**
 * sizes_words() - a change of size in words
 * @old: bytes before
 * @new: bytes after
 * @buf: receives "from 1 GiB to 2 GiB (1073741824 to 2147483648 bytes)"
 *
 * Returns @buf.
 */
const char *sizes_words(uint64_t old, uint64_t new, char buf[SIZES_TEXT])
{
	char a[SIZE_TEXT], b[SIZE_TEXT];

	sizes_text(old, new, a, b);
	snprintf(buf, SIZES_TEXT, "from %s to %s (%" PRIu64 " to %" PRIu64 " bytes)", a, b, old,
		 new);
	return buf;
}

/* The unit that @suffix stands for: "G" and "GiB" alike; "GB" could mean either thousands or these. */
static int unit_parse(const char *suffix, unsigned int *ret)
{
	for (unsigned int unit = 0; unit < ARRAY_SIZE(units); unit++) {
		bool letter = unit && suffix[0] == units[unit][0] && !suffix[1];

		if (letter || !strcmp(suffix, units[unit])) {
			*ret = unit;
			return 0;
		}
	}
	return -EINVAL;
}

/* What stands behind the point, cut to whole bytes. */
static int fraction_parse(const char *digits, size_t n, unsigned int unit, uint64_t *ret)
{
	uint64_t value = 0, scale = 1;

	if (!n || n > FRACTION_DIGITS || !unit || unit > FRACTION_UNIT)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		value = 10 * value + (uint64_t)(digits[i] - '0');
		scale *= 10;
	}
	*ret = (value << (10 * unit)) / scale;
	return 0;
}

/**
 * size_parse() - a size that a person typed
 * @text: "512", "512B", "20G", "20GiB", "1.5G": a number, and a binary unit or none; no part
 *        of a byte, and no more than three digits behind the point
 * @ret: receives the bytes
 *
 * Returns 0, -EINVAL for anything else, or -ERANGE for 2^64 bytes and more.
 */
int size_parse(const char *text, uint64_t *ret)
{
	size_t whole = strspn(text, DIGITS), n = 0;
	bool point = text[whole] == '.';
	const char *suffix = text + whole;
	uint64_t value, fraction = 0;
	unsigned int unit = 0;

	if (point) {
		n = strspn(suffix + 1, DIGITS);
		suffix += 1 + n;
	}
	if (!whole || (*suffix && unit_parse(suffix, &unit) < 0))
		return -EINVAL;
	if (point && fraction_parse(text + whole + 1, n, unit, &fraction) < 0)
		return -EINVAL;
	errno = 0;
	value = strtoull(text, NULL, 10);
	if (errno || value > UINT64_MAX >> (10 * unit))
		return -ERANGE;
	*ret = (value << (10 * unit)) + fraction;
	return 0;
}
