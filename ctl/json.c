// SPDX-License-Identifier: GPL-2.0-or-later
/* Flat JSON objects of our own: strings and whole numbers, one object a line. */

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "text.h"

/** json_string() - write a string with its quotes, as UTF-8. */
void json_string(FILE *out, const char *text)
{
	size_t n;

	fputc('"', out);
	while (*text) {
		const char *c = text_next(&text, &n);

		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		if ((unsigned char)*c < ' ')
			fprintf(out, "\\u%04x", (unsigned char)*c);
		else
			fwrite(c, 1, n, out);
	}
	fputc('"', out);
}

/* Behind the string that begins at @p's quote; NULL where it has no end. */
static const char *string_end(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && !*++p)
			return NULL;
	return *p ? p + 1 : NULL;
}

static const char *value_end(const char *p)
{
	return *p == '"' ? string_end(p) : p + strcspn(p, ",}");
}

/* What json_string() makes of a character below a space. */
static char control(const char **p)
{
	char digits[5] = "";

	if (strlen(*p) < 5)
		return '?';
	memcpy(digits, *p + 1, 4);
	*p += 4;
	return (char)strtoul(digits, NULL, 16);
}

static void value_copy(const char *p, const char *end, char *ret, size_t size)
{
	size_t n = 0;

	if (*p == '"') {
		p++;
		end--;
	}
	for (; p < end && n + 1 < size; p++) {
		if (*p != '\\')
			ret[n++] = *p;
		else if (*++p == 'u')
			ret[n++] = control(&p);
		else
			ret[n++] = *p;
	}
	ret[n] = '\0';
}

/**
 * json_member() - a member of a flat object
 * @object: one line, as json_string() and numbers make it; it may be damaged
 * @key: the member's
 * @ret: receives the value, without quotes and as far as there is room
 * @size: of @ret
 *
 * Returns whether the object has that member.
 */
bool json_member(const char *object, const char *key, char *ret, size_t size)
{
	const char *p = object;

	while (*p == '{' || *p == ',') {
		const char *name = p + 1, *end;

		if (*name != '"')
			return false;
		end = string_end(name);
		if (!end || *end != ':')
			return false;
		p = value_end(end + 1);
		if (!p)
			return false;
		if (strlen(key) != (size_t)(end - name - 2) || strncmp(name + 1, key, strlen(key)))
			continue;
		value_copy(end + 1, p, ret, size);
		return true;
	}
	return false;
}
