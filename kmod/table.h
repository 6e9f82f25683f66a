/* SPDX-License-Identifier: GPL-2.0-only */
/* The blocks of a disk's table, as read for one round. */
#ifndef LIVEGROW_KMOD_TABLE_H
#define LIVEGROW_KMOD_TABLE_H

#include <livegrow/table.h>

struct block_device;

struct lg_table_blocks {
	u8 *head;		/* LBA 0, LBA 1, a backup header, an LBA 1 to be made */
	u8 *array;		/* the entry array */
};

/** lg_table_backup() - the block at the alternate LBA. */
static inline u8 *lg_table_backup(const struct lg_table_blocks *blocks,
				  const struct lg_table *table)
{
	return blocks->head + 2 * table->lba_size;
}

/**
 * lg_table_load() - read and judge a disk's table
 * @bdev: the whole disk, open
 * @blocks: filled with what was read, to be freed by lg_table_unload()
 * @table: its lba_size and last_lba are the disk's; the rest is filled
 * @stale: filled with the backup that a commit would leave behind
 * @ret_reason: LIVEGROW_REASON_NONE for a sound table, or what is wrong
 *
 * Context: may sleep. Return: 0 when it could be judged, or a negative errno.
 */
int lg_table_load(struct block_device *bdev, struct lg_table_blocks *blocks,
		  struct lg_table *table, struct lg_stale *stale,
		  enum livegrow_reason *ret_reason);

/**
 * lg_table_load_array() - read an entry array in place of the one read before
 * @bdev: the whole disk, open
 * @blocks: its array is replaced, also on failure
 * @table: has lba_size and array_lbas
 * @lba: first of array_lbas logical blocks inside the disk
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int lg_table_load_array(struct block_device *bdev, struct lg_table_blocks *blocks,
			const struct lg_table *table, u64 lba);

/** lg_table_unload() - free what lg_table_load() read, also when it failed. */
void lg_table_unload(struct lg_table_blocks *blocks);

#endif /* LIVEGROW_KMOD_TABLE_H */
