// SPDX-License-Identifier: GPL-2.0-or-later
/* Header blocks: what is one, and how a changed one gets its CRC. */
#include <livegrow/gpt.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

/* As sgdisk wrote it, on a disk of 8 MiB. */
/* clang-format off */
static const u8 from_sgdisk[92] = {
	0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54, 0x00, 0x00, 0x01, 0x00,
	0x5c, 0x00, 0x00, 0x00, 0x64, 0xa4, 0x4e, 0xae, 0x00, 0x00, 0x00, 0x00,
	0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0x3f, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0xde, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x67, 0x45, 0x23, 0x01,
	0xab, 0x89, 0xef, 0xcd, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x00, 0x00, 0x00,
	0x80, 0x00, 0x00, 0x00, 0x76, 0x67, 0xca, 0xe9,
};
/* clang-format on */

static u8 *new_block(u32 lba_size)
{
	u8 *block = calloc(1, lba_size);

	if (!block)
		abort();
	memcpy(block, from_sgdisk, sizeof(from_sgdisk));
	return block;
}

static void test_crc(void)
{
	CHECK_EQ(lg_crc32(0, "123456789", 9), 0xcbf43926);
	CHECK_EQ(lg_crc32(lg_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
	CHECK_EQ(own_crc((const u8 *)"123456789", 9), 0xcbf43926);
	ktap_result("the CRC is the specification's, in one piece or in two", NULL);
}

static const struct {
	const char *name;
	u32 at;
	u8 value;
	u32 read_at;
	bool valid;
	/* clang-format off */
} one_byte[] = {
	{ "one of sgdisk is valid", 0, 0x45, 1, true },
	{ "elsewhere than it says is not", 0, 0x45, 2, false },
	{ "a wrong signature is not", 0, 0x46, 1, false },
	{ "a wrong last byte of the signature is not", 7, 0x55, 1, false },
	{ "another revision without its CRC is not", 8, 1, 1, false },
	{ "a wrong CRC is not", 16, 0x65, 1, false },
	{ "a changed last byte is not", 91, 0xe8, 1, false },
	{ "bytes behind it do not count", 92, 0xff, 1, true },
	{ "the block's last byte does not count", 511, 0xff, 1, true },
};
/* clang-format on */

static void test_one_byte(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(one_byte); i++) {
		u8 *block = new_block(512);

		block[one_byte[i].at] = one_byte[i].value;
		CHECK_EQ(lg_gpt_header_valid(block, 512, one_byte[i].read_at), one_byte[i].valid);
		ktap_result("a header", one_byte[i].name);
		free(block);
	}
}

static const struct {
	const char *name;
	u32 lba_size;
	u32 header_size;
	bool valid;
	/* clang-format off */
} sizes[] = {
	{ "0", 512, 0, false },
	{ "20, less than what precedes the CRC's end", 512, 20, false },
	{ "91, one too few", 512, 91, false },
	{ "92, the least", 512, 92, true },
	{ "93", 512, 93, true },
	{ "511", 512, 511, true },
	{ "512, all of the block", 512, 512, true },
	{ "513, one more than the block", 512, 513, false },
	{ "4096 in blocks of 512", 512, 4096, false },
	{ "4096 in blocks of 4096", 4096, 4096, true },
	{ "4097 in blocks of 4096", 4096, 4097, false },
	{ "0x80000000", 512, 0x80000000, false },
	{ "0xffffffff", 512, 0xffffffff, false },
};
/* clang-format on */

/* A CRC that fits, as far as there is a block to take it of. */
static void seal_within(u8 *block, u32 lba_size)
{
	u32 size = (u32)get_le(block + H_SIZE, 4);

	put_le(block + H_CRC, 4, 0);
	put_le(block + H_CRC, 4, own_crc(block, size < lba_size ? size : lba_size));
}

static void test_sizes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u8 *block = new_block(sizes[i].lba_size);

		put_le(block + H_SIZE, 4, sizes[i].header_size);
		seal_within(block, sizes[i].lba_size);
		CHECK_EQ(lg_gpt_header_valid(block, sizes[i].lba_size, 1), sizes[i].valid);
		ktap_result("a header of a size of", sizes[i].name);
		free(block);
	}
}

static void test_seal(void)
{
	u8 *block = new_block(512), *before = new_block(512);

	put_le(block + H_CRC, 4, 0);
	lg_gpt_header_seal(block);
	CHECK(!memcmp(block, before, 512));
	ktap_result("sealing gives sgdisk's CRC and changes nothing else", NULL);

	put_le(block + H_SIZE, 4, 128);
	block[127] = 1;
	lg_gpt_header_seal(block);
	CHECK(lg_gpt_header_valid(block, 512, 1));
	block[127] = 2;
	CHECK(!lg_gpt_header_valid(block, 512, 1));
	ktap_result("sealing covers all of a longer header", NULL);
	free(block);
	free(before);
}

int main(void)
{
	test_crc();
	test_one_byte();
	test_sizes();
	test_seal();
	return ktap_end();
}
