// SPDX-License-Identifier: GPL-2.0-only
/* A GPT header block: UEFI 2.10, 5.3.2. */
#include <livegrow/gpt.h>

static u32 header_crc(const u8 *block)
{
	const struct lg_gpt_header *header = (const void *)block;
	const size_t after = offsetof(struct lg_gpt_header, reserved);
	const __le32 zero = 0;
	u32 crc;

	crc = lg_crc32(0, block, offsetof(struct lg_gpt_header, header_crc));
	crc = lg_crc32(crc, &zero, sizeof(zero));
	return lg_crc32(crc, block + after, le32_to_cpu(header->header_size) - after);
}

bool lg_gpt_header_valid(const u8 *block, u32 lba_size, u64 lba)
{
	const struct lg_gpt_header *header = (const void *)block;
	u32 size = le32_to_cpu(header->header_size);

	return le64_to_cpu(header->signature) == LG_GPT_SIGNATURE &&
	       size >= sizeof(*header) && size <= lba_size &&
	       header_crc(block) == le32_to_cpu(header->header_crc) &&
	       le64_to_cpu(header->my_lba) == lba;
}

void lg_gpt_header_seal(u8 *block)
{
	struct lg_gpt_header *header = (void *)block;

	header->header_crc = cpu_to_le32(header_crc(block));
}
