// SPDX-License-Identifier: GPL-2.0-only
/* Read the end of a partition and ask the core whose metadata is there. */
#include <linux/blkdev.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/vmalloc.h>

#include "blockio.h"
#include "endmeta.h"

int lg_endmeta_read(struct lg_look *look, const struct lg_part *part,
		    const struct lg_endmeta **ret)
{
	u32 lba_size = look->table.lba_size;
	u64 lbas = part->last - part->first + 1;
	u32 count = min_t(u64, lbas, DIV_ROUND_UP(LG_ENDMETA_SECTORS << SECTOR_SHIFT, lba_size));
	u8 *tail;
	int err;

	tail = vmalloc((size_t)count * lba_size);
	if (!tail)
		return -ENOMEM;
	err = lg_block_read(look->bdev, lba_size, part->last + 1 - count, count, tail);
	if (!err)
		*ret = lg_endmeta_find(tail, lg_round_sectors(look, count),
				       lg_round_sectors(look, lbas));
	vfree(tail);
	return err;
}
