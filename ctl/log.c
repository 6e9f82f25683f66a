// SPDX-License-Identifier: GPL-2.0-or-later
/* What the commands tell on standard error. */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

/* The variable is inherited further than the stream that it names. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &dev, &ino) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == dev && st.st_ino == ino;
}

/**
 * log_line() - one line on standard error
 * @level: of syslog(3); the journal takes it from the prefix "<N>"
 * @format: of printf(3), without a newline at its end
 */
void log_line(int level, const char *format, ...)
{
	va_list ap;

	if (is_journal())
		fprintf(stderr, "<%d>", level);
	else
		fputs("growctl: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}
