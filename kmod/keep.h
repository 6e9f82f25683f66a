/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables that commits replaced, until userspace has stored them. */
#ifndef LIVEGROW_KEEP_H
#define LIVEGROW_KEEP_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct lg_table;
struct lg_table_blocks;

/* The oldest table of a disk goes if there would be more. */
#define LG_KEEP_MAX	4

/* A table as it was: LBA 0, LBA 1, the block at the alternate LBA, the entry array. */
struct lg_kept {
	struct list_head node;	/* oldest first */
	u32 id;			/* counts up, over all disks */
	u64 time_ns;		/* when it was replaced, CLOCK_REALTIME */
	u64 capacity;		/* bytes of the disk that it was made for */
	u32 lba_size;		/* bytes */
	u32 size;		/* of @data, bytes */
	u8 data[];
};

/* A disk's. Under lg_keep_lock. */
struct lg_keep {
	struct list_head tables;
	u32 nr;
	u32 newest_crc;		/* of what was kept last, be it here still or not */
	u32 error;		/* positive errno of userspace's, or 0 */
	u32 error_id;		/* newest table that it could not store */
};

/*
 * Guards what is kept of all disks, and the ids. Taken in the disk's work, and in
 * netlink handlers inside lg_disks_lock and inside the order of events. Nothing
 * of ours is taken inside, and nothing is allocated.
 */
extern struct mutex lg_keep_lock;

/** lg_keep_init() - nothing is kept yet. */
void lg_keep_init(struct lg_keep *keep);

/** lg_keep_free() - forget all of a disk's tables; nobody else knows it any more. */
void lg_keep_free(struct lg_keep *keep);

/**
 * lg_keep_table() - keep a copy of a table that is about to be replaced
 * @keep: the disk's
 * @table: the table
 * @blocks: what was read of it
 *
 * The same table is not kept twice in a row, as when a commit starts over.
 *
 * Context: may sleep; takes lg_keep_lock. Return: 0 or -ENOMEM.
 */
int lg_keep_table(struct lg_keep *keep, const struct lg_table *table,
		  const struct lg_table_blocks *blocks);

/**
 * lg_keep_from() - the first kept table from an id on
 * @keep: the disk's
 * @id: the id
 *
 * Context: lg_keep_lock held, and as long as the answer is used.
 * Return: NULL when there is none.
 */
const struct lg_kept *lg_keep_from(const struct lg_keep *keep, u32 id);

/**
 * lg_keep_taken() - userspace has stored a table, or could not
 * @keep: the disk's
 * @id: of the table
 * @error: positive errno, or 0: then it is kept no longer
 *
 * Context: takes lg_keep_lock. Return: 0, or -ENOENT when no such table is kept.
 */
int lg_keep_taken(struct lg_keep *keep, u32 id, u32 error);

#endif /* LIVEGROW_KEEP_H */
