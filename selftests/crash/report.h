/* SPDX-License-Identifier: GPL-2.0-or-later */
/* KTAP with its plan first, and the counts of the last line. */
#ifndef CRASH_REPORT_H
#define CRASH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

/* Opens @path for the results; exits where that fails. */
void report_begin(const char *path, uint32_t results);

/* One result: a layout's property. Notes come before it. */
void report_result(bool good, const char *layout, const char *property);
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* All planned results came, and all were good? */
bool report_end(void);

#endif /* CRASH_REPORT_H */
