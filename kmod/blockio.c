// SPDX-License-Identifier: GPL-2.0-only
/* Read and write by bios of exactly the blocks that the caller names. */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/vmalloc.h>

#include "blockio.h"

/* A reader of the page holds it for moments only. */
#define FORGET_TRIES	100
#define FORGET_PAUSE_US	200

int lg_block_settle(struct block_device *bdev, u32 lba_size, u64 lba, u32 count)
{
	return filemap_write_and_wait_range(bdev->bd_mapping, lba * lba_size,
					    (lba + count) * lba_size - 1);
}

static int forget(struct block_device *bdev, u32 lba_size, u64 lba, u32 count)
{
	pgoff_t first = (lba * lba_size) >> PAGE_SHIFT;
	pgoff_t last = ((lba + count) * lba_size - 1) >> PAGE_SHIFT;
	int i, err;

	for (i = 0; i < FORGET_TRIES; i++) {
		err = invalidate_inode_pages2_range(bdev->bd_mapping, first, last);
		if (err != -EBUSY)
			break;
		usleep_range(FORGET_PAUSE_US, 2 * FORGET_PAUSE_US);
	}
	return err;
}

/* Adds as much of @data as one bio takes; returns the bytes. */
static u32 fill(struct bio *bio, const void *data, size_t len)
{
	u32 filled = 0, part;

	while (filled < len) {
		part = min_t(size_t, len - filled, PAGE_SIZE - offset_in_page(data));
		if (bio_add_page(bio, vmalloc_to_page(data), part,
				 offset_in_page(data)) != part)
			break;
		filled += part;
		data += part;
	}
	return filled;
}

static int transfer(struct block_device *bdev, blk_opf_t op, sector_t sector, void *data,
		    size_t len)
{
	struct bio_vec vecs[LG_BLOCK_BIO_PAGES];
	struct bio bio;
	int err = 0;
	u32 filled;

	while (len && !err) {
		bio_init(&bio, bdev, vecs, LG_BLOCK_BIO_PAGES, op);
		bio.bi_iter.bi_sector = sector;
		/* Contiguous pages share a vector: without this, memory would decide the size. */
		filled = fill(&bio, data, min_t(size_t, len, LG_BLOCK_BIO_BYTES));
		err = filled ? submit_bio_wait(&bio) : -EIO;
		bio_uninit(&bio);
		sector += filled >> SECTOR_SHIFT;
		data += filled;
		len -= filled;
	}
	return err;
}

static int move_blocks(struct block_device *bdev, blk_opf_t op, u32 lba_size, u64 lba,
		       u32 count, void *data)
{
	return transfer(bdev, op | REQ_SYNC | REQ_META, (lba * lba_size) >> SECTOR_SHIFT, data,
			(size_t)count * lba_size);
}

int lg_block_read(struct block_device *bdev, u32 lba_size, u64 lba, u32 count, void *data)
{
	return lg_block_settle(bdev, lba_size, lba, count) ?:
	       move_blocks(bdev, REQ_OP_READ, lba_size, lba, count, data);
}

int lg_block_write(struct block_device *bdev, u32 lba_size, u64 lba, u32 count,
		   const void *data)
{
	int err;

	err = move_blocks(bdev, REQ_OP_WRITE, lba_size, lba, count, (void *)data);
	if (err)
		return err;
	err = forget(bdev, lba_size, lba, count);
	return blkdev_issue_flush(bdev) ?: err;
}
