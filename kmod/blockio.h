/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Read and write exact logical blocks of a whole disk, without its page cache: a page
 * there also holds blocks of a neighbouring partition, which may be older than those
 * that were written through the partition itself.
 *
 * The size of a block is the caller's, whose buffers are made for it: a disk's own may
 * become another at any time.
 */
#ifndef LIVEGROW_BLOCKIO_H
#define LIVEGROW_BLOCKIO_H

#include <linux/mm.h>

struct block_device;

/*
 * Each bio carries up to so many pages. The end of a partition, which is read for
 * lg_endmeta_find() before each growth, fits into one bio.
 */
#define LG_BLOCK_BIO_PAGES	34
#define LG_BLOCK_BIO_BYTES	(LG_BLOCK_BIO_PAGES * PAGE_SIZE)

/**
 * lg_block_settle() - write out what the page cache still holds of a range
 * @bdev: the whole disk, open
 * @lba_size: bytes of a logical block
 * @lba: first logical block
 * @count: logical blocks, at least one
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lg_block_settle(struct block_device *bdev, u32 lba_size, u64 lba, u32 count);

/**
 * lg_block_read() - read blocks from the device
 * @bdev: the whole disk, open
 * @lba_size: bytes of a logical block
 * @lba: first logical block
 * @count: logical blocks, at least one
 * @data: vmalloc memory, block-aligned
 *
 * After lg_block_settle(): what another tool wrote through the page cache is
 * seen, not overtaken.
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lg_block_read(struct block_device *bdev, u32 lba_size, u64 lba, u32 count, void *data);

/**
 * lg_block_write() - write blocks, durably
 * @bdev: the whole disk, open
 * @lba_size: bytes of a logical block
 * @lba: first logical block
 * @count: logical blocks, at least one
 * @data: vmalloc memory, block-aligned
 *
 * The write is followed by a flush, and the page cache forgets the range. The
 * caller has called lg_block_settle() on it.
 *
 * Context: may sleep. Return: 0 or a negative errno; -EBUSY when written but
 * somebody keeps an old page of the range.
 */
int lg_block_write(struct block_device *bdev, u32 lba_size, u64 lba, u32 count,
		   const void *data);

#endif /* LIVEGROW_BLOCKIO_H */
