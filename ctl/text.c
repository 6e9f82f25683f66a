// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Text that others made, such as a file's name, which may have any byte but NUL: what
 * reads JSON or Prometheus's format takes UTF-8 alone, and a terminal is steered by some.
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* U+FFFD, for what is no character. */
#define REPLACEMENT "\xef\xbf\xbd"

static size_t length_by_first(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Longer than it need be, a surrogate, or behind the last one. */
static bool is_none(const unsigned char *p)
{
	return (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	       (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Bytes of the character that begins here, by RFC 3629; 0 where none does. */
static size_t length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t n = length_by_first(p[0]);

	for (size_t i = 1; i < n; i++)
		if (!is_continuation(text[i]))
			return 0;
	return is_none(p) ? 0 : n;
}

/**
 * text_next() - the next character of a text
 * @p: the place in the text, not at its end; moved behind the character
 * @ret_len: receives the character's bytes
 *
 * Returns the character, or U+FFFD for a byte that belongs to none.
 */
const char *text_next(const char **p, size_t *ret_len)
{
	const char *here = *p;
	size_t n = length(here);

	*p += n ? n : 1;
	*ret_len = n ? n : strlen(REPLACEMENT);
	return n ? here : REPLACEMENT;
}

/** text_valid() - a copy of a text as UTF-8, for free(); NULL without memory. */
char *text_valid(const char *text)
{
	char *copy = malloc(strlen(text) * strlen(REPLACEMENT) + 1), *end = copy;
	size_t n;

	if (!copy)
		return NULL;
	while (*text) {
		const char *c = text_next(&text, &n);

		memcpy(end, c, n);
		end += n;
	}
	*end = '\0';
	return copy;
}

/* Those of ASCII, and U+0080 to U+009F, which some terminals heed as well. */
static bool is_control(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	return n == 1 ? p[0] < ' ' || p[0] == 0x7f : n == 2 && p[0] == 0xc2 && p[1] < 0xa0;
}

/**
 * text_clean() - have a text steer no terminal, and begin no line of its own
 * @text: where a control character, or what is no UTF-8, becomes "?"
 *
 * Returns @text.
 */
char *text_clean(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		size_t n = length(from);

		if (!n || is_control(from, n)) {
			*to++ = '?';
			from += n ? n : 1;
			continue;
		}
		memmove(to, from, n);
		to += n;
		from += n;
	}
	*to = '\0';
	return text;
}

/**
 * text_is_word() - does a shell take a text as one plain word?
 * @text: such as a mapping's name, for a command that a person may paste
 *
 * One that begins with a "-" would be an option, and does not count.
 */
bool text_is_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_+-.:@/";

	return *text && *text != '-' && !text[strspn(text, plain)];
}

/**
 * text_tail() - a text, or, where there is no room for it, "..." and its end
 * @text: such as a path, of which the end tells most
 * @size: room, with the NUL; not 0
 * @ret: receives it; a character is there whole or not at all
 *
 * Returns @ret.
 */
const char *text_tail(const char *text, size_t size, char *ret)
{
	const char *mark = "...";
	size_t n = strlen(text), room = size - 1;

	if (n <= room) {
		memcpy(ret, text, n + 1);
		return ret;
	}
	text += n - (room > strlen(mark) ? room - strlen(mark) : 0);
	while (is_continuation(*text))
		text++;
	snprintf(ret, size, "%s%s", mark, text);
	return ret;
}
