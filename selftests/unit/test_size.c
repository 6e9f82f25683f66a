// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl's sizes: what a person types, and what one reads. */
#include <errno.h>
#include <string.h>

#include "ktap.h"
#include "util.h"

static const struct typed {
	const char *text;
	int err;
	uint64_t bytes;
} typed[] = {
	{ "0", 0, 0 },
	{ "512", 0, 512 },
	{ "512B", 0, 512 },
	{ "1K", 0, 1024 },
	{ "20G", 0, 20ULL << 30 },
	{ "20GiB", 0, 20ULL << 30 },
	{ "3T", 0, 3ULL << 40 },
	{ "15E", 0, 15ULL << 60 },
	{ "18446744073709551615", 0, UINT64_MAX },
	{ "18446744073709551616", -ERANGE, 0 },
	{ "16E", -ERANGE, 0 },
	{ "18014398509481984K", -ERANGE, 0 },
	{ "", -EINVAL, 0 },
	{ "G", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1.5G", 0, 3ULL << 29 },
	{ "0.001K", 0, 1 },
	{ "1.999P", 0, (1999ULL << 50) / 1000 },
	{ "18446744073709551615.5K", -ERANGE, 0 },
	{ "1.5", -EINVAL, 0 },
	{ "1.5B", -EINVAL, 0 },
	{ "1.5E", -EINVAL, 0 },
	{ "1.5555G", -EINVAL, 0 },
	{ "1.G", -EINVAL, 0 },
	{ ".5G", -EINVAL, 0 },
	{ "1.5.5G", -EINVAL, 0 },
	{ "1 G", -EINVAL, 0 },
	{ "1g", -EINVAL, 0 },
	{ "1GB", -EINVAL, 0 },
	{ "1GiBs", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
};

static const struct shown {
	uint64_t bytes;
	const char *text;
} shown[] = {
	{ 0, "0 B" },
	{ 1023, "1023 B" },
	{ 1024, "1 KiB" },
	{ (3ULL << 20) - 1, "2.9 MiB" },
	{ 1536ULL << 20, "1.5 GiB" },
	{ UINT64_MAX, "15.9 EiB" },
};

static void test_typed(const struct typed *row)
{
	uint64_t bytes = 0;

	CHECK_EQ(size_parse(row->text, &bytes), row->err);
	CHECK_EQ(bytes, row->bytes);
	ktap_result("a typed size", row->text);
}

static void test_shown(const struct shown *row)
{
	char text[SIZE_TEXT];

	CHECK(!strcmp(size_text(row->bytes, text), row->text));
	ktap_result("a size in words", row->text);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(typed); i++)
		test_typed(&typed[i]);
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		test_shown(&shown[i]);
	return ktap_end();
}
