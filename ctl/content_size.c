// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How large the filesystem in a file or device is that growctl does not grow now,
 * by its superblock. libblkid tells that from 2.39 on, which not every Debian has.
 */

#include <endian.h>
#include <string.h>
#include <unistd.h>

#include "content.h"
#include "ext_super.h"

/* Of an XFS's first bytes, and of btrfs's superblock and the device item in it. */
#define XFS_BLOCK_AT 4
#define XFS_BLOCKS_AT 8
#define BTRFS_AT 65536
#define BTRFS_MAGIC_AT 0x40
#define BTRFS_BYTES_AT (0xc9 + 8)
/* Of a FAT's boot sector; a number of sectors that fits into 16 bits stands in front. */
#define FAT_SECTOR_AT 11
#define FAT_FEW_SECTORS_AT 19
#define FAT_SECTORS_AT 32
/* Behind the boot block of a swap area. */
#define SWAP_LAST_PAGE_AT 1028

static uint64_t ext_bytes(int fd, uint64_t start)
{
	struct ext ext;

	return ext_read_at(fd, start, &ext) < 0 ? 0 : ext.blocks * ext.block_size;
}

static uint64_t xfs_bytes(int fd, uint64_t start)
{
	unsigned char super[16];
	uint64_t blocks, bytes;
	uint32_t block;

	if (pread(fd, super, sizeof(super), (off_t)start) != sizeof(super) ||
	    memcmp(super, "XFSB", 4))
		return 0;
	memcpy(&block, super + XFS_BLOCK_AT, sizeof(block));
	memcpy(&blocks, super + XFS_BLOCKS_AT, sizeof(blocks));
	return __builtin_mul_overflow(be64toh(blocks), be32toh(block), &bytes) ? 0 : bytes;
}

static uint64_t btrfs_bytes(int fd, uint64_t start)
{
	unsigned char super[BTRFS_BYTES_AT + 8];
	uint64_t bytes;

	if (pread(fd, super, sizeof(super), (off_t)(start + BTRFS_AT)) != sizeof(super) ||
	    memcmp(super + BTRFS_MAGIC_AT, "_BHRfS_M", 8))
		return 0;
	memcpy(&bytes, super + BTRFS_BYTES_AT, sizeof(bytes));
	return le64toh(bytes);
}

static uint16_t le16_at(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint64_t fat_bytes(int fd, uint64_t start)
{
	unsigned char boot[FAT_SECTORS_AT + 4];
	uint32_t sectors;

	if (pread(fd, boot, sizeof(boot), (off_t)start) != sizeof(boot))
		return 0;
	memcpy(&sectors, boot + FAT_SECTORS_AT, sizeof(sectors));
	sectors = le16_at(boot + FAT_FEW_SECTORS_AT) ?: le32toh(sectors);
	return (uint64_t)sectors * le16_at(boot + FAT_SECTOR_AT);
}

/* In the machine's own byte order and pages, as is the signature at its first page's end. */
static uint64_t swap_bytes(int fd, uint64_t start)
{
	uint32_t last_page;

	if (pread(fd, &last_page, sizeof(last_page), (off_t)(start + SWAP_LAST_PAGE_AT)) !=
	    sizeof(last_page))
		return 0;
	return ((uint64_t)last_page + 1) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/**
 * content_size_at() - the bytes that a filesystem takes of a part of a file or device
 * @fd: it, open
 * @start: byte where the part starts
 * @type: of content_probe_at()
 *
 * Returns them, or 0 where they cannot be told.
 */
uint64_t content_size_at(int fd, uint64_t start, const char *type)
{
	if (!strncmp(type, "ext", 3))
		return ext_bytes(fd, start);
	if (!strcmp(type, "xfs"))
		return xfs_bytes(fd, start);
	if (!strcmp(type, "vfat"))
		return fat_bytes(fd, start);
	if (!strcmp(type, "swap"))
		return swap_bytes(fd, start);
	return strcmp(type, "btrfs") ? 0 : btrfs_bytes(fd, start);
}
