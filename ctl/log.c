// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines for people, in which the names of others may stand. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "text.h"
#include "util.h"

/* What is longer is cut. */
#define LINE_TEXT 1024

/**
 * log_is_journal() - whether standard error goes to the journal
 *
 * The variable is inherited further than the stream that it names.
 */
bool log_is_journal(void)
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
 *
 * One write(), so that lines of several processes do not mix.
 */
void log_line(int level, const char *format, ...)
{
	char text[LINE_TEXT], line[LINE_TEXT + 16], priority[8];
	va_list ap;
	int n;

	snprintf(priority, sizeof(priority), "<%d>", level & 7);
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	/* A file's name may steer a terminal, or forge the journal's next line. */
	n = snprintf(line, sizeof(line), "%s%s\n",
		     log_is_journal() ? priority : "growctl: ", text_clean(text));
	/* dprintf() would ask where the file stands, which /dev/kmsg does not tell. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

/**
 * print_line() - one line on standard output, whatever names are in it
 * @format: of printf(3), without a newline at its end
 *
 * Returns 0 or a negative errno.
 */
int print_line(const char *format, ...)
{
	char *text;
	va_list ap;
	int r;

	va_start(ap, format);
	r = vasprintf(&text, format, ap);
	va_end(ap);
	if (r < 0)
		return -ENOMEM;
	r = puts(text_clean(text)) == EOF ? -EIO : 0;
	free(text);
	return r;
}
