// SPDX-License-Identifier: GPL-2.0-or-later
/* A result that fails is also told on stderr, with the notes in front of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "report.h"

static FILE *out;
static uint32_t planned, number, failed;

void report_begin(const char *path, uint32_t results)
{
	out = fopen(path, "w");
	if (!out) {
		perror(path);
		exit(1);
	}
	planned = results;
	fprintf(out, "KTAP version 1\n1..%u\n", planned);
}

void report_result(bool good, const char *layout, const char *property)
{
	failed += !good;
	fprintf(out, "%sok %u %s: %s\n", good ? "" : "not ", ++number, property, layout);
	fflush(out);
	if (!good)
		fprintf(stderr, "not ok: %s: %s\n", property, layout);
}

void report_note(const char *format, ...)
{
	va_list list;

	fputs("# ", out);
	va_start(list, format);
	vfprintf(out, format, list);
	va_end(list);
	fputc('\n', out);
	fflush(out);
}

bool report_end(void)
{
	if (fclose(out)) {
		perror("results");
		return false;
	}
	return !failed && number == planned;
}
