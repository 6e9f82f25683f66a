// SPDX-License-Identifier: GPL-2.0-only
/* The plan's steps on a real disk: settle, compare, write, flush, read back. */
#include <linux/blkdev.h>
#include <linux/vmalloc.h>

#include "blockio.h"
#include "commit.h"

struct commit {
	struct block_device *bdev;
	const struct lg_table *table;
	u8 *scratch;		/* array_lbas + 1 blocks, the longest step's length */
};

/* What other tools wrote through the page cache has to be seen, not overtaken. */
static int settle(const struct commit *c, const struct lg_step *step)
{
	int err;

	err = lg_block_settle(c->bdev, step->lba, step->count);
	if (!err)
		err = lg_block_settle(c->bdev, 0, LG_GPT_PRIMARY_LBA + 1);
	if (!err)
		err = lg_block_settle(c->bdev, step->before.array_lba, c->table->array_lbas);
	return err;
}

/* Return: 0 when the blocks are as expected, -EAGAIN when not, or an errno. */
static int compare(const struct commit *c, u64 lba, u32 count, const u8 *expected)
{
	int err;

	err = lg_block_read(c->bdev, lba, count, c->scratch);
	if (err)
		return err;
	return memcmp(c->scratch, expected, (size_t)count * c->table->lba_size) ?
	       -EAGAIN : 0;
}

/* The array first: LBA 1 is compared right before the write. */
static int compare_image(const struct commit *c, const struct lg_image *image)
{
	int err;

	err = compare(c, image->array_lba, c->table->array_lbas, image->array);
	if (!err)
		err = compare(c, 0, 1, image->mbr);
	if (!err)
		err = compare(c, LG_GPT_PRIMARY_LBA, 1, image->header);
	return err;
}

static int run_step(const struct commit *c, const struct lg_step *step)
{
	int err;

	err = settle(c, step);
	if (!err)
		err = compare_image(c, &step->before);
	if (!err)
		err = lg_block_write(c->bdev, step->lba, step->count, step->data);
	return err;
}

static int read_back(const struct commit *c, const struct lg_step *step)
{
	int err = compare(c, step->lba, step->count, step->data);

	return err == -EAGAIN ? -EIO : err;
}

int lg_commit(struct block_device *bdev, const struct lg_table *table,
	      const struct lg_plan *plan, enum livegrow_step *ret_step)
{
	struct commit c = { .bdev = bdev, .table = table };
	int err = 0;
	u32 i;

	c.scratch = vmalloc((size_t)(table->array_lbas + 1) * table->lba_size);
	if (!c.scratch)
		return -ENOMEM;
	for (i = 0; i < plan->nr_steps && !err; i++) {
		err = run_step(&c, &plan->steps[i]);
		if (!err)
			err = read_back(&c, &plan->steps[i]);
		if (err)
			*ret_step = plan->steps[i].id;
	}
	vfree(c.scratch);
	return err;
}
