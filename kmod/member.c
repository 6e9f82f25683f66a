// SPDX-License-Identifier: GPL-2.0-only
/* What lies where md looks for the superblock of a member that ends there. */
#include <linux/blkdev.h>
#include <linux/log2.h>
#include <linux/vmalloc.h>
#include <livegrow/md.h>

#include "blockio.h"
#include "member.h"

/* @place: sectors from the start of @part. */
static int read_place(const struct lg_look *look, const struct lg_part *part, u64 place,
		      u8 *block, bool *ret_is)
{
	u64 at = lg_round_bytes(look, part->first) + (place << SECTOR_SHIFT);
	u32 lba_size = look->table.lba_size;
	int err;

	err = lg_block_read(look->bdev, lba_size, at >> ilog2(lba_size), 1, block);
	if (!err)
		*ret_is = lg_md_is_superblock(block + (at & (lba_size - 1)), place);
	return err;
}

int lg_member_look(struct lg_look *look, const struct lg_part *part, bool *ret_is)
{
	u64 places[LG_MD_PLACES];
	u32 nr, i;
	u8 *block;
	int err = 0;

	*ret_is = false;
	block = vmalloc(look->table.lba_size);
	if (!block)
		return -ENOMEM;
	nr = lg_md_places(lg_round_sectors(look, part->last - part->first + 1), places);
	for (i = 0; i < nr && !err && !*ret_is; i++)
		err = read_place(look, part, places[i], block, ret_is);
	vfree(block);
	return err;
}
