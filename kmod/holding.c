// SPDX-License-Identifier: GPL-2.0-only
/* Read the start of a partition, and ask the block layer who uses it. */
#include <linux/blkdev.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/vmalloc.h>

#include "answer.h"
#include "blockio.h"
#include "holding.h"
#include "part.h"

int lg_holding_read(struct lg_look *look, const struct lg_part *part, struct lg_holding *ret)
{
	u32 lba_size = look->table.lba_size, size = LG_CONTENT_HEAD, count;
	u8 *head;
	int err;

	lg_part_holding(look->bdev, part->number, ret);
	ret->answer = lg_answer_now(look);
	/* If the disk itself is read-only, the gate gives that as the reason. */
	if (get_disk_ro(look->bdev->bd_disk))
		ret->mount = LG_MOUNT_UNSEEN;
	if (ret->mount == LG_MOUNT_WRITABLE)
		size = LG_CONTENT_MOUNTED;
	count = min_t(u64, part->last - part->first + 1, DIV_ROUND_UP(size, lba_size));
	head = vmalloc((size_t)count * lba_size);
	if (!head)
		return -ENOMEM;
	err = lg_block_read(look->bdev, lba_size, part->first, count, head);
	if (!err)
		ret->content = lg_content_find(head, (size_t)count * lba_size);
	vfree(head);
	return err;
}
