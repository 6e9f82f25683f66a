// SPDX-License-Identifier: GPL-2.0-only
/* Tables of another block size: LBA 1 of blocks of N bytes lies at byte N. */
#include <livegrow/gpt.h>
#include <livegrow/othersize.h>

/* Larger ones first: over a table of smaller blocks, they were written later. */
static const u32 lba_sizes[] = { 4096, 2048, 1024, 512 };

static bool has_signature(const u8 *start, size_t size, u32 lba_size)
{
	const struct lg_gpt_header *h = (const void *)(start + lba_size);

	return size / 2 >= lba_size && le64_to_cpu(h->signature) == LG_GPT_SIGNATURE;
}

static bool has_array(const u8 *start, size_t size, u32 lba_size)
{
	const struct lg_gpt_header *h = (const void *)(start + lba_size);
	u64 bytes = (u64)le32_to_cpu(h->nr_entries) * le32_to_cpu(h->entry_size);
	u64 lba = le64_to_cpu(h->array_lba);

	return lba <= size / lba_size && bytes <= size - lba * lba_size &&
	       lg_crc32(0, start + lba * lba_size, (size_t)bytes) == le32_to_cpu(h->array_crc);
}

static bool has_header(const u8 *start, size_t size, u32 lba_size)
{
	return has_signature(start, size, lba_size) &&
	       lg_gpt_header_valid(start + lba_size, lba_size, LG_GPT_PRIMARY_LBA);
}

static bool is_whole(const u8 *start, size_t size, u32 lba_size)
{
	return has_header(start, size, lba_size) && has_array(start, size, lba_size);
}

/* A damaged one still counts, but a signature is not enough. */
static bool is_damaged(const u8 *start, size_t size, u32 lba_size)
{
	return has_header(start, size, lba_size) ||
	       (has_signature(start, size, lba_size) && has_array(start, size, lba_size));
}

/*
 * Does the other table's header, at byte @other, lie in the entry array that the disk's own
 * header names? Then the other table was written later.
 */
static bool is_overwritten(const u8 *start, size_t size, u32 lba_size, u32 other)
{
	const struct lg_gpt_header *h = (const void *)(start + lba_size);
	u64 lba = le64_to_cpu(h->array_lba);
	u64 bytes = (u64)le32_to_cpu(h->nr_entries) * le32_to_cpu(h->entry_size);

	return has_header(start, size, lba_size) && lba <= other / lba_size &&
	       bytes > other - lba * lba_size;
}

struct lg_other lg_other_find(const u8 *start, size_t size, u32 lba_size)
{
	struct lg_other other = { 0 };
	bool is_own = has_signature(start, size, lba_size);
	u32 i, found;

	for (i = 0; i < ARRAY_SIZE(lba_sizes) && !other.is_whole; i++) {
		found = lba_sizes[i];
		if (found == lba_size ||
		    (is_own && !is_overwritten(start, size, lba_size, found)))
			continue;
		other.is_whole = is_whole(start, size, found);
		if (other.is_whole ||
		    (!other.lba_size && !is_own && is_damaged(start, size, found)))
			other.lba_size = found;
	}
	return other;
}
