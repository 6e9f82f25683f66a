// SPDX-License-Identifier: GPL-2.0-only
/* Carry out a plan on a disk: settle, compare, write, flush and read back each step. */
#include <linux/blkdev.h>
#include <linux/vmalloc.h>

#include "blockio.h"
#include "commit.h"

struct commit {
	struct block_device *bdev;
	const struct lg_table *table;
	u8 *scratch;		/* array_lbas + 2 blocks: an image, and the longest step */
};

static bool differ(const struct commit *c, const u8 *found, const u8 *expected, u32 count)
{
	return memcmp(found, expected, (size_t)count * c->table->lba_size) != 0;
}

static int compare_range(const struct commit *c, u64 lba, u32 count, const u8 *expected)
{
	int err = lg_block_read(c->bdev, c->table->lba_size, lba, count, c->scratch);

	if (!err && differ(c, c->scratch, expected, count))
		err = -EAGAIN;
	return err;
}

/*
 * Read LBA 0, LBA 1 and the array into the scratch, one after the other: by one bio if
 * they lie so on the disk and fit. Otherwise LBA 1 comes last, right before the write.
 */
static int read_image(const struct commit *c, u64 array_lba)
{
	u32 head = LG_GPT_PRIMARY_LBA + 1, lba_size = c->table->lba_size;
	int err;

	if (array_lba == head && (head + c->table->array_lbas) * lba_size <= LG_BLOCK_BIO_BYTES)
		return lg_block_read(c->bdev, lba_size, 0, head + c->table->array_lbas,
				     c->scratch);
	err = lg_block_read(c->bdev, lba_size, array_lba, c->table->array_lbas,
			    c->scratch + (size_t)head * lba_size);
	return err ?: lg_block_read(c->bdev, lba_size, 0, head, c->scratch);
}

static int compare_image(const struct commit *c, const struct lg_image *image)
{
	const u8 *header = c->scratch + c->table->lba_size;
	const u8 *array = header + c->table->lba_size;
	int err = read_image(c, image->array_lba);

	if (err)
		return err;
	if (differ(c, c->scratch, image->mbr, 1) || differ(c, header, image->header, 1) ||
	    differ(c, array, image->array, c->table->array_lbas))
		return -EAGAIN;
	return 0;
}

/* If the new header names an array that this plan wrote, that has to be there still. */
static int compare_named(const struct commit *c, const struct lg_plan *plan,
			 const struct lg_step *step)
{
	const struct lg_gpt_header *header = (const void *)step->data;
	const struct lg_step *s;

	if (step->lba != LG_GPT_PRIMARY_LBA)
		return 0;
	for (s = plan->steps; s < step; s++)
		if (s->lba == le64_to_cpu(header->array_lba))
			return compare_range(c, s->lba, c->table->array_lbas, s->data);
	return 0;
}

static int run_step(const struct commit *c, const struct lg_plan *plan,
		    const struct lg_step *step)
{
	int err;

	/* With blocks of another size the table lies elsewhere. */
	if (bdev_logical_block_size(c->bdev) != c->table->lba_size)
		return -EAGAIN;
	err = lg_block_settle(c->bdev, c->table->lba_size, step->lba, step->count);
	if (!err && step->over)
		err = compare_range(c, step->lba, step->count, step->over);
	if (!err)
		err = compare_named(c, plan, step);
	if (!err)
		err = compare_image(c, &step->before);
	if (!err)
		err = lg_block_write(c->bdev, c->table->lba_size, step->lba, step->count,
				     step->data);
	/* The blocks were written, but another tool has dirtied a page of them since. */
	return err == -EBUSY ? -EAGAIN : err;
}

static int read_back(const struct commit *c, const struct lg_step *step)
{
	int err = compare_range(c, step->lba, step->count, step->data);

	return err == -EAGAIN ? -EBADMSG : err;
}

int lg_commit(struct block_device *bdev, const struct lg_table *table,
	      const struct lg_plan *plan, enum livegrow_step *ret_step)
{
	struct commit c = { .bdev = bdev, .table = table };
	int err;
	u32 i;

	c.scratch = vmalloc((size_t)(table->array_lbas + 2) * table->lba_size);
	if (!c.scratch)
		return -ENOMEM;
	/* After a flush that failed, only the disk's cache may hold what was read. */
	err = blkdev_issue_flush(bdev);
	if (err)
		*ret_step = plan->steps[0].id;
	for (i = 0; i < plan->nr_steps && !err; i++) {
		err = run_step(&c, plan, &plan->steps[i]);
		if (!err)
			err = read_back(&c, &plan->steps[i]);
		if (err)
			*ret_step = plan->steps[i].id;
	}
	vfree(c.scratch);
	return err;
}
