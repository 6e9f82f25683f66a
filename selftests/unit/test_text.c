// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that others made: what is UTF-8 stays, what is not is replaced. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "ktap.h"
#include "text.h"

#define NONE "\xef\xbf\xbd"

static void check_valid(const char *text, const char *expected)
{
	char *valid = text_valid(text);

	CHECK(valid && !strcmp(valid, expected));
	free(valid);
}

static void test_utf8(void)
{
	static const char *const texts[] = {
		"",
		"/srv/a b\t\n\x1b\x7f",
		"\xc2\x80 \xdf\xbf",
		"\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf",
		"\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf",
		"/mnt/\xc3\xa4\xe2\x82\xac\xf0\x9f\x92\xbe",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		check_valid(texts[i], texts[i]);
	ktap_result("UTF-8 stays as it is", NULL);
}

static void test_not_utf8(void)
{
	static const struct {
		const char *text, *valid, *what;
	} some[] = {
		{ "a\xff.raw", "a" NONE ".raw", "a byte that there never is" },
		{ "\x80z\xbf", NONE "z" NONE, "a continuation of nothing" },
		{ "\xc3", NONE, "an end within a character" },
		{ "\xe2\x82"
		  "a",
		  NONE NONE "a", "another character within one" },
		{ "\xf0\x9f\x92", NONE NONE NONE, "an end within four" },
		{ "\xc0\xaf\xc1\xbf", NONE NONE NONE NONE, "two bytes for ASCII" },
		{ "\xe0\x9f\xbf", NONE NONE NONE, "three bytes for two" },
		{ "\xf0\x8f\xbf\xbf", NONE NONE NONE NONE, "four bytes for three" },
		{ "\xed\xa0\x80", NONE NONE NONE, "a surrogate" },
		{ "\xf4\x90\x80\x80", NONE NONE NONE NONE, "behind the last one" },
		{ "\xf5\x80\x80\x80", NONE NONE NONE NONE, "a first byte behind the last" },
	};

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		check_valid(some[i].text, some[i].valid);
		ktap_result("what is no UTF-8 is replaced, byte by byte", some[i].what);
	}
}

static void test_clean(void)
{
	static const char *const some[][2] = {
		{ "", "" },
		{ "/mnt/a b\xe2\x82\xac\xc2\xa0", "/mnt/a b\xe2\x82\xac\xc2\xa0" },
		{ "a\nb\rc\x1b[31m\x7f\t", "a?b?c?[31m??" },
		{ "\xc2\x9b"
		  "31m\xc2\x80",
		  "?31m?" },
		{ "\x9b"
		  "31m\xff\xc2",
		  "?31m??" },
	};
	char text[32];

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		snprintf(text, sizeof(text), "%s", some[i][0]);
		CHECK(!strcmp(text_clean(text), some[i][1]));
	}
	ktap_result("nothing in a clean text steers a terminal", NULL);
}

static void test_tail(void)
{
	static const struct {
		const char *text;
		size_t size;
		const char *tail;
	} some[] = {
		{ "/mnt", 5, "/mnt" },
		{ "", 1, "" },
		{ "/srv/mnt", 8, ".../mnt" },
		{ "/srv/mnt", 4, "..." },
		{ "/srv/mnt", 2, "." },
		{ "/srv/mnt", 1, "" },
		{ "/mnt/\xe2\x82\xac/a", 9, "...\xe2\x82\xac/a" },
		{ "/mnt/\xe2\x82\xac/a", 8, ".../a" },
		{ "/mnt/\xe2\x82\xac/a", 7, ".../a" },
	};
	char tail[16];

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
		text_tail(some[i].text, some[i].size, tail);
		CHECK(!strcmp(tail, some[i].tail));
	}
	ktap_result("of what is too long the end stays, by whole characters", NULL);
}

static void test_word(void)
{
	static const char *const words[] = { "secret", "vg0-lv--0", "/dev/mapper/a_b.c:1@2+3",
					     "0" };
	static const char *const others[] = { "",    "-f",   "a b", "a;b",	"a\nb", "$(a)",
					      "a`b", "a\\b", "a|b", "\xc3\xa4", "<A>",	"a*" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK(text_is_word(words[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		CHECK(!text_is_word(others[i]));
	ktap_result("only what a shell takes as one plain word stands in a command", NULL);
}

static void test_json(void)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	json_string(out, "\xe2\x82\xac\xff \"\\\n\x1b");
	fclose(out);
	CHECK(!strcmp(text, "\"\xe2\x82\xac" NONE " \\\"\\\\\\u000a\\u001b\""));
	ktap_result("a JSON string is UTF-8", NULL);
	free(text);
}

int main(void)
{
	test_utf8();
	test_not_utf8();
	test_clean();
	test_tail();
	test_word();
	test_json();
	return ktap_end();
}
