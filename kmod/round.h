/* SPDX-License-Identifier: GPL-2.0-only */
/* The state of a look, and the questions that each round has about it. */
#ifndef LIVEGROW_ROUND_H
#define LIVEGROW_ROUND_H

#include <linux/blkdev.h>
#include <livegrow/live.h>
#include <livegrow/plan.h>

#include "disk.h"
#include "table.h"

/* One is enough for a disk, since the disk's work never runs twice at a time. */
struct lg_look {
	struct lg_disk *disk;
	u32 flags;			/* enum livegrow_flags */
	struct lg_rollback rollback;	/* what is ordered and not done yet */
	struct lg_rule rule;		/* that holds in the round under way */
	bool is_limited;		/* its limits are for this once */
	bool awaits_remount;		/* a write was due, but all use is read-only */
	struct block_device *bdev;	/* the whole disk, open */
	struct lg_status status;	/* what is being found */
	/* of the round under way */
	struct lg_table_blocks blocks;
	struct lg_table table;
	struct lg_stale stale;
	struct lg_goal goal;
	u32 nr_live;
	struct lg_live live[LG_MAX_PARTS];
};

/* The round changed something, or another tool did: another round is due. */
#define LG_ROUND_AGAIN	1

/**
 * lg_look_verdict() - set the state that the look ends with
 * @look: the look
 * @state: of the disk
 * @reason: for it
 *
 * Return: 0, which a round returns if no other has to follow.
 */
int lg_look_verdict(struct lg_look *look, enum livegrow_state state,
		    enum livegrow_reason reason);

/**
 * lg_look_publish() - make the look's status the disk's before the look has ended
 * @look: the look
 */
void lg_look_publish(struct lg_look *look);

/** lg_round_is_dry_run() - is nothing to be written, nor remembered? */
static inline bool lg_round_is_dry_run(const struct lg_look *look)
{
	return look->flags & LIVEGROW_FLAG_DRY_RUN;
}

/** lg_round_bytes() - logical blocks in bytes. */
static inline u64 lg_round_bytes(const struct lg_look *look, u64 lbas)
{
	return lbas * look->table.lba_size;
}

/** lg_round_sectors() - logical blocks in sectors of 512 bytes. */
static inline u64 lg_round_sectors(const struct lg_look *look, u64 lbas)
{
	return lg_round_bytes(look, lbas) >> SECTOR_SHIFT;
}

/**
 * lg_round_heard_last() - the disk's last LBA before a growth that was heard
 * @look: the look, its disk open
 *
 * Return: the last LBA of now where none was.
 */
u64 lg_round_heard_last(const struct lg_look *look);

/**
 * lg_round_distrusts() - has the disk lost blocks since a person last looked?
 * @look: the look; where a person asked for it, it is trusted from now on
 */
bool lg_round_distrusts(struct lg_look *look);

#endif /* LIVEGROW_ROUND_H */
