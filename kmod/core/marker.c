// SPDX-License-Identifier: GPL-2.0-only
/* The mark of an unfinished commit in LBA 1. */
#include <livegrow/gpt.h>
#include <livegrow/marker.h>

#define MARKER_MAGIC	0x776f7267U	/* "grow" */

struct marker {
	__le32 magic;
	__le32 crc;		/* of magic, home and the disk's GUID */
	__le64 home;
} __packed;

static_assert(sizeof(struct marker) == 16, "marker layout");

static u32 marker_crc(const struct marker *marker, const u8 *block)
{
	const struct lg_gpt_header *header = (const void *)block;
	u32 crc;

	crc = lg_crc32(0, &marker->magic, sizeof(marker->magic));
	crc = lg_crc32(crc, &marker->home, sizeof(marker->home));
	return lg_crc32(crc, header->disk_guid, sizeof(header->disk_guid));
}

static size_t marker_offset(u32 lba_size)
{
	return lba_size - sizeof(struct marker);
}

static bool overlaps_header(const u8 *block, u32 lba_size)
{
	const struct lg_gpt_header *header = (const void *)block;

	return le32_to_cpu(header->header_size) > marker_offset(lba_size);
}

u64 lg_marker_read(const u8 *block, u32 lba_size)
{
	const struct marker *marker = (const void *)(block + marker_offset(lba_size));

	if (overlaps_header(block, lba_size) ||
	    le32_to_cpu(marker->magic) != MARKER_MAGIC ||
	    le32_to_cpu(marker->crc) != marker_crc(marker, block))
		return 0;
	return le64_to_cpu(marker->home);
}

void lg_marker_write(u8 *block, u32 lba_size, u64 home)
{
	struct marker *marker = (void *)(block + marker_offset(lba_size));

	marker->magic = cpu_to_le32(MARKER_MAGIC);
	marker->home = cpu_to_le64(home);
	marker->crc = cpu_to_le32(marker_crc(marker, block));
}

void lg_marker_clear(u8 *block, u32 lba_size)
{
	memset(block + marker_offset(lba_size), 0, sizeof(struct marker));
}

bool lg_marker_has_room(const u8 *block, u32 lba_size)
{
	static const struct marker none;

	if (overlaps_header(block, lba_size))
		return false;
	return lg_marker_read(block, lba_size) ||
	       !memcmp(block + marker_offset(lba_size), &none, sizeof(none));
}
