/* SPDX-License-Identifier: GPL-2.0-only */
/* What ought to be done with a sound table: how far, and whether unasked. */
#ifndef LIVEGROW_POLICY_H
#define LIVEGROW_POLICY_H

#include <livegrow/content.h>
#include <livegrow/endmeta.h>
#include <livegrow/table.h>

/* A free tail is somebody's intention when larger than both of these. */
#define LG_TAIL_BYTES		(64ULL << 20)
#define LG_TAIL_PER_CENT	1

/* A last usable LBA that is short by more than this reserves the space behind it. */
#define LG_RESERVE_BYTES	(1024U * 1024)

/* How far somebody lets the last partition grow. 0: no such limit. */
struct lg_limits {
	u64 max;		/* bytes that it may have */
	u64 keep_free;		/* bytes left unpartitioned at the disk's end */
	u64 min_step;		/* bytes: grows by no less, unasked */
	u32 keep_per_cent;	/* of the disk, left likewise; below 100 */
	u32 align;		/* bytes, a power of two; 0: LG_ALIGN_BYTES */
};

/**
 * lg_limits_bound() - how far, somebody says for one command
 * @limits: the disk's own; receives max and what is kept free
 * @bounds: has them; in which steps is not a matter of it
 */
static inline void lg_limits_bound(struct lg_limits *limits, const struct lg_limits *bounds)
{
	limits->max = bounds->max;
	limits->keep_free = bounds->keep_free;
	limits->keep_per_cent = bounds->keep_per_cent;
}

/* What a partition's end is a multiple of, where nobody says otherwise. */
#define LG_ALIGN_BYTES		(1024U * 1024)

/*
 * A partition's grain: the largest power of two that divides its size in bytes, if
 * that is no less than the first of these; no more than the second, nor than the
 * alignment, which a person may make finer. A larger size is a multiple of the grain
 * again. dm-crypt refuses to map a device that is no multiple of its sector size
 * (4096 bytes by default for LUKS2), filesystems cannot use a part of a block, and
 * other users of a partition may have chunks of their own.
 */
#define LG_GRAIN_MIN		4096U
#define LG_GRAIN_MAX		(1024U * 1024)

struct lg_wish {
	u64 heard_last;		/* last LBA before a growth that was heard, or
				 * the table's last_lba
				 */
	u64 live_last;		/* last LBA that the partition has had by our doing,
				 * where its entry was taken back; or 0
				 */
	struct lg_limits limits;
	bool is_once;		/* these are one command's, and not the disk's */
	u32 align;		/* bytes, a power of two, at least a logical block */
	u32 flags;		/* enum livegrow_flags */
	const struct lg_endmeta *endmeta;	/* found at the last partition's end, or NULL */
	struct lg_holding holding;	/* of the last partition */
};

struct lg_goal {
	enum livegrow_state state;	/* of the disk, when nothing is written */
	enum livegrow_reason reason;
	bool write;		/* something is to be written: lg_plan_commit() */
	bool relocate;		/* more than the protective MBR's size */
	u64 grow_to;		/* new last LBA of @part, or 0: it stays; a rollback's
				 * is smaller than the old one
				 */
	const struct lg_part *part;	/* the last by offset, or NULL */
	u64 reach;		/* last LBA that it could have */
	u64 free_tail;		/* LBAs behind it that a partition may use */
};

/* How a partition's type lets it be treated, unasked. */
enum lg_type_class {
	LG_TYPE_CONTENT,	/* tells nothing: somebody has to look inside */
	LG_TYPE_GROWS,
	LG_TYPE_NEVER,
};

struct lg_type {
	u8 guid[LG_GPT_GUID_SIZE];
	enum lg_type_class class;
	const char *name;
};

/**
 * lg_type_find() - what is known of a partition type
 * @guid: as in the entry
 *
 * Return: never NULL; an unknown type is LG_TYPE_CONTENT.
 */
const struct lg_type *lg_type_find(const u8 *guid);

/**
 * lg_policy_may_grow() - do the last partition's content and use matter?
 * @table: as of lg_policy()
 * @wish: likewise; its holding and endmeta are of no account
 *
 * Return: whether content and use that permit it would let it grow, at once or at a
 * person's word.
 */
bool lg_policy_may_grow(const struct lg_table *table, const struct lg_wish *wish);

/**
 * lg_policy() - decide what a disk's table needs
 * @table: a sound table that the kernel agrees with, no commit unfinished
 * @wish: what was heard and what is permitted
 * @goal: the answer
 *
 * - Only ever larger, and only the last partition by offset.
 * - Unasked only into new space: behind the header's alternate LBA, or heard as
 *   growth. A free tail from before is somebody's intention; one no larger than
 *   image builders leave over is taken along, a larger one waits. What is to be
 *   kept free, and what is too little for the alignment, is nobody's intention.
 * - A header whose last usable LBA is short of the backup by more than
 *   LG_RESERVE_BYTES keeps the space behind it from partitions, whatever its size:
 *   the partition waits, and the header is not moved, since nothing else records the
 *   reserve. This is not so if another tool wrote that LBA without such an intention:
 *   sgdisk -e, which puts it as far from the end as the first usable LBA is from the
 *   start, or a tool that moved the header after a growth and left the LBA as it was.
 * - Never beyond the limits; min_step holds unasked only.
 * - The partition's size stays a multiple of its grain, and its end becomes one of
 *   @wish->align. A start that is no multiple of the grain allows only one of the two:
 *   then the size keeps its grain, and the end is the last that leaves it so.
 * - What the partition has live by our doing is taken into the table again, be it
 *   within the limits or not, as long as it fits; what lies behind it is judged as
 *   if it were there.
 * - Where one command's limits are in the way, the backup stays: the next look is
 *   to know new space from old.
 * - Where nothing may grow, a displaced backup is relocated all the same, and one
 *   that a power cut tore is written anew; a disk that waits for somebody's word
 *   keeps a displaced backup where it is, since that place is what tells new space
 *   from old after a reboot.
 */
void lg_policy(const struct lg_table *table, const struct lg_wish *wish,
	       struct lg_goal *goal);

/**
 * lg_policy_cut() - where a partition ends if the disk has become too small for it
 * @table: a table with its array
 * @part: one of its partitions
 * @end: the last LBA that it may have
 *
 * A partition that is cut may have been smaller before, of a size that no table records
 * any more. So its size stays a multiple of LG_GRAIN_MIN if it is one, which dm-crypt
 * demands; a coarser grain could cut off what the smaller partition held.
 *
 * Return: the last such LBA that is not behind @end, or 0 if the partition has no room.
 */
u64 lg_policy_cut(const struct lg_table *table, const struct lg_part *part, u64 end);

/**
 * lg_policy_backup_fits() - has the disk's end room for a new backup?
 * @table: a sound table
 *
 * A table with odd places may not leave it.
 */
bool lg_policy_backup_fits(const struct lg_table *table);

#endif /* LIVEGROW_POLICY_H */
