/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tests' output. A test calls what it likes to CHECK and ends with one
 * ktap_result(), whose name says the behaviour; a table-driven one calls it for
 * each row. The plan comes last: without it, the program did not come through.
 */
#ifndef UNIT_KTAP_H
#define UNIT_KTAP_H

#include <stdbool.h>
#include <stdio.h>

static unsigned int ktap_number, ktap_failures;
static bool ktap_is_bad;

static inline void ktap_check(bool good, const char *file, int line, const char *what)
{
	if (good)
		return;
	ktap_is_bad = true;
	printf("# %s:%d: not so: %s\n", file, line, what);
}

static inline void ktap_check_eq(unsigned long long got, unsigned long long expected,
				 const char *file, int line, const char *what)
{
	if (got == expected)
		return;
	ktap_is_bad = true;
	printf("# %s:%d: %s is %llu, expected %llu\n", file, line, what, got, expected);
}

#define CHECK(good) ktap_check(good, __FILE__, __LINE__, #good)
#define CHECK_EQ(got, expected) ktap_check_eq(got, expected, __FILE__, __LINE__, #got)

/* End a test: its name, and behind it a row's, or NULL. */
static inline void ktap_result(const char *name, const char *row)
{
	printf("%sok %u %s%s%s\n", ktap_is_bad ? "not " : "", ++ktap_number, name, row ? ": " : "",
	       row ? row : "");
	fflush(stdout);
	ktap_failures += ktap_is_bad;
	ktap_is_bad = false;
}

static inline int ktap_end(void)
{
	printf("1..%u\n", ktap_number);
	return ktap_failures ? 1 : 0;
}

#endif /* UNIT_KTAP_H */
