// SPDX-License-Identifier: GPL-2.0-only
/* Read the start of a disk, in which the core looks for a table of another block size. */
#include <linux/blkdev.h>
#include <linux/minmax.h>
#include <linux/vmalloc.h>

#include "blockio.h"
#include "othersize.h"

int lg_othersize_look(struct lg_look *look, struct lg_other *ret)
{
	u32 lba_size = look->table.lba_size;
	u32 count = min_t(u64, LG_OTHER_BYTES / lba_size, look->table.last_lba + 1);
	u8 *start;
	int err;

	*ret = (struct lg_other){ 0 };
	if (look->nr_live)
		return 0;
	start = vmalloc((size_t)count * lba_size);
	if (!start)
		return -ENOMEM;
	err = lg_block_read(look->bdev, lba_size, 0, count, start);
	if (!err)
		*ret = lg_other_find(start, (size_t)count * lba_size, lba_size);
	vfree(start);
	/* A bad block behind LBA 1 must not keep a primary from being recovered. */
	return 0;
}

int lg_othersize_verdict(struct lg_look *look, const struct lg_other *other)
{
	look->status.other_size = other->lba_size;
	return lg_look_verdict(look, LIVEGROW_STATE_BLOCKED, LIVEGROW_REASON_BLOCK_SIZE);
}
