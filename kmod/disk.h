/* SPDX-License-Identifier: GPL-2.0-only */
/* The disks that the module knows, and what it knows of each. */
#ifndef LIVEGROW_DISK_H
#define LIVEGROW_DISK_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/livegrow.h>
#include <livegrow/policy.h>
#include <livegrow/rollback.h>

#include "keep.h"

struct gendisk;
struct lg_look;

/* A reason to look at a disk. What it says is never trusted, only followed up. */
struct lg_hint {
	u32 look;		/* number of the look that it asks for; 0: none */
	u32 flags;		/* enum livegrow_flags */
	u64 changed_ns;		/* when a capacity change was heard, or 0 */
	enum livegrow_reason answer;	/* growctl's, why the last partition must not grow */
	struct lg_rollback rollback;	/* what is ordered, if anything */
	bool is_limited;		/* by these, in place of the disk's */
	struct lg_limits limits;
};

/*
 * Looks to come that are kept apart: a dry run neither lends permissions nor
 * borrows them, and a look with limits of its own, or a rollback, is not to be
 * mixed with anything.
 */
enum lg_hint_kind {
	LG_HINT_LOOK,
	LG_HINT_DRY_RUN,
	LG_HINT_LIMITED,
	LG_HINT_ROLLBACK,
	LG_HINT_KINDS
};

/* What the newest look found. Sizes are bytes, times CLOCK_MONOTONIC. */
struct lg_status {
	u64 capacity;
	u32 lba_size;
	u32 look;
	enum livegrow_state state;
	enum livegrow_reason reason;
	enum livegrow_step step;	/* state failed only */
	int error;			/* likewise, a positive errno */

	u32 part;			/* the last by offset; 0: none known */
	u64 part_start;
	u64 part_size;
	u64 part_reach;
	u64 free_tail;
	u32 part_held;			/* 1: exclusively; 0 also if it was not looked at */
	u32 reason_part;		/* partition that the reason is about, or 0 */
	const char *reason_type;	/* its type in words, or NULL */
	u32 other_size;			/* block size of a table that has another one */

	u64 changed_ns;			/* of the newest change heard, or 0 */
	u64 table_ns;			/* when the table was durable after it, or 0 */
	u64 part_ns;			/* when the partition had its new size, or 0 */
};

/* The mode and the limits that hold for a disk. */
struct lg_rule {
	u32 seq;			/* another one: it was changed */
	enum livegrow_mode mode;
	bool is_awaited;		/* ask in place of auto, until the mode is set */
	struct lg_limits limits;
};

/* growctl's answer about the last partition, and how long the module waits for it. */
struct lg_answer {
	u64 sectors;			/* the capacity that it is about; 0: none */
	u64 until_ns;			/* when the wait ends */
	enum livegrow_reason reason;	/* as in struct lg_holding; NONE: not given */
};

/* The failure that was reported last, until a look ends in another way. */
struct lg_failure {
	u64 capacity;
	enum livegrow_step step;
	int error;			/* a positive errno; 0: none */
};

struct lg_disk {
	struct list_head node;		/* under lg_disks_lock */
	struct kref ref;		/* of the list, the work and the retry */
	bool gone;			/* unlisted; a look that still runs reports nothing */
	unsigned long id;		/* larger than those in front of it */
	struct gendisk *gendisk;	/* valid while the disk is listed or worked on */
	char driver[MODULE_NAME_LEN];
	struct work_struct work;
	struct delayed_work retry;	/* queues another look; started under lock */

	spinlock_t lock;		/* of the fields up to status; innermost */
	u32 looks;			/* numbers given out */
	struct lg_hint hints[LG_HINT_KINDS];
	enum livegrow_mode mode;	/* as it was set; lg_disk_rule() is what holds */
	bool awaits_policy;		/* ask in place of auto, until the mode is set */
	struct lg_limits limits;
	u32 rule_seq;			/* counts the changes of these three */
	struct lg_status status;

	struct lg_keep keep;		/* under lg_keep_lock */

	/* The work's own: it never runs twice at a time. */
	struct lg_look *look;
	unsigned int retry_s;		/* delay of the newest retry, or 0 */
	u32 retry_flags;		/* what the retry is permitted */
	bool retry_awaits;		/* it ends a wait for growctl, after a failure */
	struct lg_failure failure;
	struct lg_answer answer;
	u64 medium;			/* number of the one that the following is about */
	u64 seen_sectors;		/* capacity at the last look, 0 before the first */
	u64 settled_sectors;		/* capacity that the table was brought to */
	u64 used_sectors;		/* capacity that something may use: the table was
					 * in order there, or a partition grew live
					 */
	u64 fitted_sectors;		/* largest that a commit was for since then, or 0 */
	bool was_shrunk;		/* and no person has asked for a look since */
	u32 resuming;			/* partition larger in our table than live, or 0 */
	u32 grown;			/* partition that grew live by our doing, or 0 */
	u64 grown_sectors;		/* and what it had then */
};

/*
 * Guards the list of disks. Taken in netlink handlers, in the uevent thread, in
 * retries and, inside the block class's own mutex, when disks come and go. The work
 * never takes it. No holder of one of these mutexes waits for the work, which does
 * I/O, and opens the disk.
 */
extern struct mutex lg_disks_lock;
extern struct list_head lg_disks;

/**
 * lg_disks_init() - make the list and the workqueue
 * Return: 0 or -ENOMEM.
 */
int lg_disks_init(void);

/**
 * lg_disks_quiesce() - begin no more looks, and wait for those under way
 *
 * Those of disks that are forgotten already are among them. No retry starts afterwards.
 *
 * Context: takes lg_disks_lock.
 */
void lg_disks_quiesce(void);

/** lg_disks_quiesced() - is the module going, so that no more is to be begun? */
bool lg_disks_quiesced(void);

/** lg_disks_exit() - the inverse of lg_disks_init(); no disk is known any more. */
void lg_disks_exit(void);

/**
 * lg_disk_add() - know a disk from now on
 * @gendisk: a disk that stays until lg_disk_remove()
 *
 * Return: 0 or -ENOMEM.
 */
int lg_disk_add(struct gendisk *gendisk);

/**
 * lg_disk_is_known() - was lg_disk_add() called for a disk, and succeeded?
 * @gendisk: the disk
 *
 * Context: takes lg_disks_lock.
 */
bool lg_disk_is_known(const struct gendisk *gendisk);

/**
 * lg_disk_remove() - forget a disk
 * @gendisk: the disk; one that is not known is none's mistake
 *
 * A look under way goes on, as one at a disk that can no longer be opened. It keeps
 * what it needs of it.
 */
void lg_disk_remove(struct gendisk *gendisk);

/**
 * lg_disk_find() - a disk by its name
 * @name: such as "vda"
 *
 * Context: lg_disks_lock held. Return: NULL when there is none.
 */
struct lg_disk *lg_disk_find(const char *name);

/**
 * lg_disk_look() - have a disk looked at
 * @disk: the disk
 * @flags: what the look is permitted, enum livegrow_flags
 * @changed_ns: when a capacity change was heard, or 0
 *
 * Only queues; hints that come meanwhile are joined, those of dry runs apart.
 *
 * Context: lg_disks_lock held. Return: the look's number.
 */
u32 lg_disk_look(struct lg_disk *disk, u32 flags, u64 changed_ns);

/**
 * lg_disk_answer() - have a disk looked at, whose last partition must not grow
 * @disk: the disk
 * @reason: why growctl found so, see LIVEGROW_CMD_DISK_GROW
 *
 * Only queues. The last answer before the look begins holds, be it this or a permission.
 *
 * Context: lg_disks_lock held. Return: the look's number.
 */
u32 lg_disk_answer(struct lg_disk *disk, enum livegrow_reason reason);

/**
 * lg_disk_look_limited() - have a disk looked at, and grown so far and no further
 * @disk: the disk
 * @limits: max and what is kept free, in place of the disk's; the rest is not read
 * @flags: what the look is permitted, enum livegrow_flags
 * @ret_look: the number of the look that serves this
 *
 * Only queues.
 *
 * Context: lg_disks_lock held. Return: 0, or -EBUSY when another such one waits.
 */
int lg_disk_look_limited(struct lg_disk *disk, const struct lg_limits *limits, u32 flags,
			 u32 *ret_look);

/**
 * lg_disk_rollback() - have a disk's last partition brought back to a size
 * @disk: the disk
 * @rollback: what is ordered
 * @flags: LIVEGROW_FLAG_DRY_RUN or 0
 * @ret_look: the number of the look that serves this
 *
 * Only queues. Looks begin in the order of their numbers.
 *
 * Context: lg_disks_lock held. Return: 0, or -EBUSY when another one waits.
 */
int lg_disk_rollback(struct lg_disk *disk, const struct lg_rollback *rollback, u32 flags,
		     u32 *ret_look);

/**
 * lg_disk_rule() - what holds for a disk
 * @disk: the disk
 *
 * Return: all of it as of one moment. The parameter's off is stronger than what was
 * set, and ask holds in place of auto while the disk's mode is awaited.
 */
struct lg_rule lg_disk_rule(struct lg_disk *disk);

/**
 * lg_disk_set_rule() - set what holds for a disk
 * @disk: the disk
 * @mode: in place of the parameter's, or NULL: as it is
 * @limits: the limits
 *
 * A round under way that would write by what held before begins anew.
 */
void lg_disk_set_rule(struct lg_disk *disk, const enum livegrow_mode *mode,
		      const struct lg_limits *limits);

/** lg_disk_ask() - from mode auto to ask; off stays off. */
void lg_disk_ask(struct lg_disk *disk);

/**
 * lg_disks_look_again() - have every disk looked at, since events were lost
 *
 * Context: takes lg_disks_lock.
 */
void lg_disks_look_again(void);

/** lg_disk_status() - a copy of the newest status. */
struct lg_status lg_disk_status(struct lg_disk *disk);

/** lg_disk_put() - give back a reference to the struct, not to the device. */
void lg_disk_put(struct lg_disk *disk);

/** lg_disk_is_live() - can the disk be opened: is it added, and not removed? */
bool lg_disk_is_live(const struct lg_disk *disk);

/** lg_disk_is_gone() - was it removed, while the look at it went on? */
bool lg_disk_is_gone(const struct lg_disk *disk);

/** lg_disk_driver() - name of the driver behind a disk. */
const char *lg_disk_driver(const struct lg_disk *disk);

/** lg_disk_name() - the disk's name, such as "vda". */
const char *lg_disk_name(const struct lg_disk *disk);

#endif /* LIVEGROW_DISK_H */
