// SPDX-License-Identifier: GPL-2.0-or-later
/* What the commands tell on standard error. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "util.h"

/**
 * log_line() - one line on standard error
 * @level: of syslog(3); the journal takes it from the prefix "<N>"
 * @format: of printf(3), without a newline at its end
 */
void log_line(int level, const char *format, ...)
{
	va_list ap;

	if (getenv("JOURNAL_STREAM"))
		fprintf(stderr, "<%d>", level);
	else
		fputs("growctl: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}
