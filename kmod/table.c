// SPDX-License-Identifier: GPL-2.0-only
/* Read a disk's table, for the core to judge. */
#include <linux/blkdev.h>
#include <linux/vmalloc.h>

#include "blockio.h"
#include "table.h"

static int read_head(struct block_device *bdev, struct lg_table_blocks *blocks,
		     struct lg_table *table, enum livegrow_reason *ret_reason)
{
	int err;

	blocks->head = vmalloc(4 * table->lba_size);
	if (!blocks->head)
		return -ENOMEM;
	err = lg_block_read(bdev, table->lba_size, 0, 2, blocks->head);
	if (!err)
		*ret_reason = lg_table_read_head(table, blocks->head);
	return err;
}

int lg_table_load_array(struct block_device *bdev, struct lg_table_blocks *blocks,
			const struct lg_table *table, u64 lba)
{
	vfree(blocks->array);
	blocks->array = vmalloc((size_t)table->array_lbas * table->lba_size);
	if (!blocks->array)
		return -ENOMEM;
	return lg_block_read(bdev, table->lba_size, lba, table->array_lbas, blocks->array);
}

static int read_array(struct block_device *bdev, struct lg_table_blocks *blocks,
		      struct lg_table *table, enum livegrow_reason *ret_reason)
{
	int err = lg_table_load_array(bdev, blocks, table, table->array_lba);

	if (!err)
		*ret_reason = lg_table_read_array(table, blocks->array);
	return err;
}

static int read_backup_array(struct block_device *bdev, struct lg_table *table, u64 lba)
{
	u8 *array;
	int err;

	array = vmalloc((size_t)table->array_lbas * table->lba_size);
	if (!array)
		return -ENOMEM;
	err = lg_block_read(bdev, table->lba_size, lba, table->array_lbas, array);
	if (!err)
		table->backup_torn = !lg_backup_array_intact(table, array);
	vfree(array);
	return err;
}

static int read_backup(struct block_device *bdev, struct lg_table_blocks *blocks,
		       struct lg_table *table, struct lg_stale *stale)
{
	u8 *block = lg_table_backup(blocks, table);
	u64 lba;
	int err;

	err = lg_block_read(bdev, table->lba_size, table->alternate, 1, block);
	if (err)
		return err;
	lg_stale_read(table, block, stale);
	lba = lg_backup_array_lba(table, block);
	table->backup_torn = !lba;
	return lba ? read_backup_array(bdev, table, lba) : 0;
}

int lg_table_load(struct block_device *bdev, struct lg_table_blocks *blocks,
		  struct lg_table *table, struct lg_stale *stale,
		  enum livegrow_reason *ret_reason)
{
	int err;

	*blocks = (struct lg_table_blocks){ 0 };
	err = read_head(bdev, blocks, table, ret_reason);
	if (!err && !*ret_reason)
		err = read_array(bdev, blocks, table, ret_reason);
	/* An unfinished commit does not ask for its backup, which may lie behind the disk. */
	if (!err && !*ret_reason && !table->unfinished)
		err = read_backup(bdev, blocks, table, stale);
	return err;
}

void lg_table_unload(struct lg_table_blocks *blocks)
{
	vfree(blocks->head);
	vfree(blocks->array);
}
