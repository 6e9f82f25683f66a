/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * livegrow: growing the disks of a running guest. The netlink protocol.
 *
 * Generic-netlink family "livegrow", version 1, in the initial network
 * namespace. include/livegrow.yaml says the same to machines; a check holds the
 * two together.
 *
 * Units: sizes and offsets are bytes, times are nanoseconds of CLOCK_MONOTONIC,
 * names are NUL-terminated kernel names without "/dev/" ("vda"). Integers are
 * of host byte order. An unknown, missing or malformed attribute is refused
 * with -EINVAL or -ERANGE, and every refusal carries an extended ack text that
 * says what to do.
 *
 * LIVEGROW_CMD_DISK_GET
 *
 *   Who: everybody. Without NLM_F_DUMP it answers about the one disk named,
 *   with NLM_F_DUMP about every disk with a capacity, one message a disk.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string   without NLM_F_DUMP only
 *
 *   Answer ("the disk's attributes" below):
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_DRIVER         string   such as "virtio_blk"
 *     LIVEGROW_A_CAPACITY       u64
 *     LIVEGROW_A_LBA_SIZE       u32      logical block size
 *     LIVEGROW_A_MODE           u32      enum livegrow_mode, as it holds for
 *                                        this disk
 *     LIVEGROW_A_PART_MAX       u64      the limits that hold for it, as in
 *     LIVEGROW_A_KEEP_FREE      u64      LIVEGROW_CMD_DISK_SET; each is absent
 *     LIVEGROW_A_KEEP_PER_CENT  u32      where it is 0
 *     LIVEGROW_A_MIN_STEP       u64
 *     LIVEGROW_A_ALIGN          u32
 *     LIVEGROW_A_STATE          u32      enum livegrow_state
 *     LIVEGROW_A_REASON         u32      enum livegrow_reason
 *     LIVEGROW_A_REASON_TEXT    string   the same in words; absent without reason
 *     LIVEGROW_A_LOOK           u32      the newest look at the disk that ended
 *     LIVEGROW_A_STEP           u32      state failed only: enum livegrow_step
 *     LIVEGROW_A_ERRNO          u32      state failed only: positive errno
 *   and, where the table was understood, of its last partition by offset:
 *     LIVEGROW_A_PART           u32      number
 *     LIVEGROW_A_PART_START     u64
 *     LIVEGROW_A_PART_SIZE      u64      of the live partition
 *     LIVEGROW_A_PART_REACH     u64      the size that a grow could give it now
 *     LIVEGROW_A_FREE_TAIL      u64      unpartitioned bytes behind it
 *     LIVEGROW_A_PART_HELD      u32      1: the look found it held exclusively, by
 *                                        a mount, swap, dm or the like; absent
 *                                        otherwise, and where it did not look
 *   and, where old tables are kept,
 *     LIVEGROW_A_BACKUPS        u32      how many, 1 to 4
 *     LIVEGROW_A_BACKUP_ERRNO   u32      why userspace could not store one;
 *                                        absent when nothing went wrong
 *
 * LIVEGROW_CMD_DISK_GROW
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace. Asks for a look at the
 *   disk with the permissions that LIVEGROW_A_FLAGS names. It returns at once;
 *   LIVEGROW_EVENT_SETTLED with a LIVEGROW_A_LOOK of the answer's number or
 *   later, and LIVEGROW_FLAG_DRY_RUN as in the request, tells that the look
 *   ended, and the disk's attributes how.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_FLAGS          u32      optional, enum livegrow_flags
 *     LIVEGROW_A_PART_MAX       u64      optional, all three: for this look in
 *     LIVEGROW_A_KEEP_FREE      u64      place of the disk's own of that kind, of
 *     LIVEGROW_A_KEEP_PER_CENT  u32      which then none holds. -EBUSY: another
 *                                        request with limits has not begun yet
 *     LIVEGROW_A_REASON         u32      optional, without FLAGS and limits: the
 *                                        caller looked at the content of the last
 *                                        partition, which must not grow:
 *                                        LIVEGROW_REASON_PART_UNKNOWN, PART_CLOSED or
 *                                        MOUNTED_READ_ONLY. It holds, where the
 *                                        module cannot tell by itself, until the
 *                                        capacity changes, or a request comes with
 *                                        another one, or one without limits with
 *                                        LIVEGROW_FLAG_CONTENT or _ASKED
 *
 *   Answer:
 *     LIVEGROW_A_LOOK           u32      number of the look that serves this
 *
 * LIVEGROW_CMD_DISK_SET
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace. Sets what holds for this
 *   disk, until the disk goes or the module is unloaded: the mode, in place of
 *   the module's parameter, whose off stays stronger; and how far its last
 *   partition may grow. What is absent stays as it is. The disk is looked at.
 *
 *   With the module's parameter await_policy, a disk whose mode would be auto is in
 *   mode ask until this request has set its mode; limits alone do not end that.
 *
 *   What was begun is finished whatever the limits: a commit that a crash met, a
 *   live partition that is behind its entry, and what it had live when another tool
 *   wrote an older table.
 *
 *   Request, at least one of the optional ones:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_MODE           u32      optional, enum livegrow_mode
 *     LIVEGROW_A_PART_MAX       u64      optional: size that it may have; 0: any
 *     LIVEGROW_A_KEEP_FREE      u64      optional: bytes that stay unpartitioned
 *                                        in front of the backup at the disk's end
 *     LIVEGROW_A_KEEP_PER_CENT  u32      optional, 0 to 99: of the disk, likewise;
 *                                        the larger of the two holds
 *     LIVEGROW_A_MIN_STEP       u64      optional: unasked it grows by no less
 *     LIVEGROW_A_ALIGN          u32      optional, a power of two from 512 to
 *                                        1 GiB: its end is a multiple of this, of
 *                                        a page and of a physical block, as far as
 *                                        its size stays a multiple of what it was
 *                                        a multiple of; 0: 1 MiB
 *     LIVEGROW_A_FLAGS          u32      optional: what the look is permitted;
 *                                        LIVEGROW_FLAG_FREE_TAIL where a limit is
 *                                        wider now than what had left a tail
 *
 * LIVEGROW_CMD_DISK_ROLLBACK
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace. Makes the last partition
 *   smaller again, in the table and live, and sets the disk to mode ask. The
 *   caller vouches that nothing in the partition reaches further, and sees to
 *   it that nothing grows meanwhile. It returns at once; the look's
 *   LIVEGROW_EVENT_SETTLED tells how it ended: with LIVEGROW_A_PART_SIZE as
 *   ordered, it is done. What stopped half-way is completed by the same order. The
 *   mode is ask from the first write on, also where one fails. -EBUSY: another
 *   order for this disk has not begun yet.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_PART           u32
 *     LIVEGROW_A_PART_START     u64      as it is
 *     LIVEGROW_A_PART_SIZE      u64      to go back to: whole logical blocks
 *     LIVEGROW_A_FLAGS          u32      optional: LIVEGROW_FLAG_DRY_RUN
 *
 *   Answer:
 *     LIVEGROW_A_LOOK           u32      number of the look that serves this
 *
 * LIVEGROW_CMD_BACKUP_GET
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace; with NLM_F_DUMP only. The
 *   tables that commits replaced, the last 4 of each disk, as long as userspace
 *   has not taken them: oldest first, each in as many messages as it needs.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string   optional: of this disk only
 *
 *   Answer:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_BACKUP_ID      u32      counts up, over all disks
 *     LIVEGROW_A_BACKUP_TIME    u64      when it was replaced, nanoseconds of
 *                                        CLOCK_REALTIME
 *     LIVEGROW_A_CAPACITY       u64      of the disk that the table was made for
 *     LIVEGROW_A_LBA_SIZE       u32
 *     LIVEGROW_A_BACKUP_SIZE    u32      bytes of all chunks together
 *     LIVEGROW_A_BACKUP_OFFSET  u32      of this chunk
 *     LIVEGROW_A_BACKUP_DATA    binary   logical blocks, one after the other:
 *                                        LBA 0, LBA 1, the block at the alternate
 *                                        LBA, the entry array
 *
 * LIVEGROW_CMD_BACKUP_TAKEN
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace. Userspace has stored this
 *   table of the disk, durably, or could not: then the module goes on keeping
 *   it, and the disk's attributes and LIVEGROW_EVENT_BACKUP_FAILED say so.
 *   -ENOENT: it is kept no longer.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_BACKUP_ID      u32
 *     LIVEGROW_A_BACKUP_ERRNO   u32      optional, positive: it could not
 *
 * LIVEGROW_CMD_FS_REPORT
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace. Userspace tells what it
 *   did with a filesystem; every subscriber hears it as
 *   LIVEGROW_EVENT_FILESYSTEM_GROWN or, with LIVEGROW_A_ERRNO, as
 *   LIVEGROW_EVENT_FAILED with step LIVEGROW_STEP_FILESYSTEM.
 *
 *   Request:
 *     LIVEGROW_A_DISK           string
 *     LIVEGROW_A_PART           u32      optional: 0 or absent is the whole disk
 *     LIVEGROW_A_FS_TYPE        string
 *     LIVEGROW_A_FS_OLD_SIZE    u64
 *     LIVEGROW_A_FS_SIZE        u64      as read back
 *     LIVEGROW_A_ERRNO          u32      optional, positive
 *     LIVEGROW_A_REASON_TEXT    string   optional, with LIVEGROW_A_ERRNO; it may
 *                                        name a mountpoint
 *
 * LIVEGROW_CMD_EVENT_GET
 *
 *   Who: CAP_SYS_ADMIN in the initial user namespace; with NLM_F_DUMP only. The
 *   newest events, up to 64, since the module was loaded, oldest first, each as it was
 *   sent, and with the REASON_TEXT of a report; of LIVEGROW_EVENT_SETTLED
 *   those alone whose look a person asked for, and no dry run's. Who subscribes first
 *   and asks then misses none between the two, and meets some twice, by their numbers.
 *
 *   Request: nothing
 *
 *   Answer: as LIVEGROW_CMD_EVENT
 *
 *   As long as a process has read only part of a dump's answer, the module cannot be
 *   unloaded.
 *
 * LIVEGROW_CMD_EVENT
 *
 *   Never a request: the multicast group "events", open to everybody. A
 *   subscriber that lost some (ENOBUFS: its buffer was full, or the kernel had no
 *   memory for one) dumps the disks again; the sequence number counts the events
 *   of all disks since the module was loaded, also those that were lost.
 *
 *     LIVEGROW_A_EVENT          u32      enum livegrow_event
 *     LIVEGROW_A_SEQ            u32
 *     LIVEGROW_A_TIME           u64      now
 *     LIVEGROW_A_TIME_CHANGED   u64      when the disk's newest capacity change
 *                                        was heard; absent when none was
 *     LIVEGROW_A_TIME_TABLE     u64      when, after that, the table was durable
 *                                        and read back; absent until it is
 *     LIVEGROW_A_TIME_PART      u64      when the live partition had its new
 *                                        size; absent until it has
 *     the disk's attributes
 *   and with the event
 *     settled:
 *       LIVEGROW_A_FLAGS          u32    what the look was permitted; with
 *                                        LIVEGROW_FLAG_DRY_RUN the attributes
 *                                        say what it found and are not kept:
 *                                        state waiting without a reason is
 *                                        "would write"
 *     capacity-changed:
 *       LIVEGROW_A_OLD_CAPACITY   u64    larger than the new one, at times
 *     partition-grown, rolled-back:
 *       LIVEGROW_A_PART_OLD_SIZE  u64
 *     filesystem-grown, failed with step filesystem:
 *       the attributes of the report, in place of the disk's own PART and ERRNO. Its
 *       REASON_TEXT names a mountpoint and is left out here, since everybody can
 *       subscribe: LIVEGROW_CMD_EVENT_GET answers with it, under the same SEQ
 */
#ifndef _UAPI_LINUX_LIVEGROW_H
#define _UAPI_LINUX_LIVEGROW_H

#define LIVEGROW_FAMILY_NAME	"livegrow"
#define LIVEGROW_FAMILY_VERSION	1
#define LIVEGROW_MCGRP_EVENTS	"events"

enum livegrow_cmd {
	LIVEGROW_CMD_UNSPEC,
	LIVEGROW_CMD_DISK_GET,
	LIVEGROW_CMD_DISK_GROW,
	LIVEGROW_CMD_DISK_SET,
	LIVEGROW_CMD_DISK_ROLLBACK,
	LIVEGROW_CMD_BACKUP_GET,
	LIVEGROW_CMD_BACKUP_TAKEN,
	LIVEGROW_CMD_FS_REPORT,
	LIVEGROW_CMD_EVENT,
	LIVEGROW_CMD_EVENT_GET,

	__LIVEGROW_CMD_MAX
};

#define LIVEGROW_CMD_MAX (__LIVEGROW_CMD_MAX - 1)

enum livegrow_attr {
	LIVEGROW_A_UNSPEC,
	LIVEGROW_A_PAD,
	LIVEGROW_A_DISK,
	LIVEGROW_A_DRIVER,
	LIVEGROW_A_CAPACITY,
	LIVEGROW_A_OLD_CAPACITY,
	LIVEGROW_A_LBA_SIZE,
	LIVEGROW_A_MODE,
	LIVEGROW_A_STATE,
	LIVEGROW_A_REASON,
	LIVEGROW_A_REASON_TEXT,
	LIVEGROW_A_STEP,
	LIVEGROW_A_ERRNO,
	LIVEGROW_A_PART,
	LIVEGROW_A_PART_START,
	LIVEGROW_A_PART_SIZE,
	LIVEGROW_A_PART_OLD_SIZE,
	LIVEGROW_A_PART_REACH,
	LIVEGROW_A_FREE_TAIL,
	LIVEGROW_A_FS_TYPE,
	LIVEGROW_A_FS_OLD_SIZE,
	LIVEGROW_A_FS_SIZE,
	LIVEGROW_A_FLAGS,
	LIVEGROW_A_LOOK,
	LIVEGROW_A_EVENT,
	LIVEGROW_A_SEQ,
	LIVEGROW_A_TIME,
	LIVEGROW_A_TIME_CHANGED,
	LIVEGROW_A_TIME_TABLE,
	LIVEGROW_A_TIME_PART,
	LIVEGROW_A_BACKUPS,
	LIVEGROW_A_BACKUP_ERRNO,
	LIVEGROW_A_BACKUP_ID,
	LIVEGROW_A_BACKUP_TIME,
	LIVEGROW_A_BACKUP_SIZE,
	LIVEGROW_A_BACKUP_OFFSET,
	LIVEGROW_A_BACKUP_DATA,
	LIVEGROW_A_PART_MAX,
	LIVEGROW_A_KEEP_FREE,
	LIVEGROW_A_KEEP_PER_CENT,
	LIVEGROW_A_MIN_STEP,
	LIVEGROW_A_ALIGN,
	LIVEGROW_A_PART_HELD,

	__LIVEGROW_A_MAX
};

#define LIVEGROW_A_MAX (__LIVEGROW_A_MAX - 1)

/* What the module does with a disk that grew, without being asked. */
enum livegrow_mode {
	LIVEGROW_MODE_AUTO,	/* grows it at once */
	LIVEGROW_MODE_ASK,	/* tells, and grows it on LIVEGROW_CMD_DISK_GROW */
	LIVEGROW_MODE_OFF,	/* nothing, not even on command */
};

/* How the newest look at the disk ended. */
enum livegrow_state {
	LIVEGROW_STATE_UNKNOWN,		/* not looked at yet */
	LIVEGROW_STATE_FULL,		/* table and partition use what there is, */
					/* or what the limits, the reason, let them */
	LIVEGROW_STATE_GROWING,		/* a commit is under way */
	LIVEGROW_STATE_WAITING,		/* could grow; somebody has to say so */
	LIVEGROW_STATE_UNUSED,		/* could grow; nothing here uses it */
	LIVEGROW_STATE_HELD,		/* could grow; something holds all of it */
	LIVEGROW_STATE_BLOCKED,		/* cannot grow, for the reason given */
	LIVEGROW_STATE_SHRUNK,		/* is, or was, smaller than its table */
	LIVEGROW_STATE_NO_TABLE,	/* no partition table; userspace looks on */
	LIVEGROW_STATE_FAILED,		/* a step failed with an errno */
	LIVEGROW_STATE_OFF,		/* mode off */
	LIVEGROW_STATE_UNMANAGED,	/* driver not named to the module */
};

enum livegrow_reason {
	LIVEGROW_REASON_NONE,
	/* gates in front of every write */
	LIVEGROW_REASON_DRIVER,
	LIVEGROW_REASON_MODE_OFF,
	LIVEGROW_REASON_MODE_ASK,
	LIVEGROW_REASON_READ_ONLY,
	LIVEGROW_REASON_NOT_IN_USE,
	LIVEGROW_REASON_HELD_WHOLE,
	/* the table */
	LIVEGROW_REASON_NO_TABLE,
	LIVEGROW_REASON_NOT_GPT,
	LIVEGROW_REASON_HYBRID_MBR,
	LIVEGROW_REASON_PRIMARY_DAMAGED,
	LIVEGROW_REASON_BOTH_DAMAGED,
	LIVEGROW_REASON_BACKUP_DIFFERS,
	LIVEGROW_REASON_BACKUP_STALE,
	LIVEGROW_REASON_UNSUPPORTED,
	LIVEGROW_REASON_ARRAY_PLACE,
	LIVEGROW_REASON_RESERVED_BYTES,
	LIVEGROW_REASON_ENTRY_RANGE,
	LIVEGROW_REASON_ENTRY_PAST_DISK,
	LIVEGROW_REASON_ENTRY_OVERLAP,
	LIVEGROW_REASON_TABLE_DIFFERS,
	LIVEGROW_REASON_SHRUNK,
	LIVEGROW_REASON_NO_ROOM,
	LIVEGROW_REASON_NO_PARTITION,
	/* the partition that would grow */
	LIVEGROW_REASON_PART_TYPE,
	LIVEGROW_REASON_PART_CONTENT,
	LIVEGROW_REASON_PART_READ_ONLY,
	LIVEGROW_REASON_FREE_TAIL,
	LIVEGROW_REASON_WAS_SHRUNK,
	LIVEGROW_REASON_ROLLBACK,
	/* the work */
	LIVEGROW_REASON_CHANGED,
	LIVEGROW_REASON_STEP_FAILED,
	/* what somebody laid down for the disk */
	LIVEGROW_REASON_PART_MAX,
	LIVEGROW_REASON_KEEP_FREE,
	LIVEGROW_REASON_MIN_STEP,
	LIVEGROW_REASON_POLICY_AWAITED,	/* await_policy, and no mode was set yet */
	/* the partition that would grow, continued */
	LIVEGROW_REASON_PART_METADATA,	/* its content has metadata at its end */
	/* the table, continued */
	LIVEGROW_REASON_BLOCK_SIZE,	/* the table was made for another one */
	/* the partition that would grow, continued */
	LIVEGROW_REASON_PART_HOLDS,	/* its content can never use more space */
	LIVEGROW_REASON_PART_CLOSED,	/* its content is encrypted and not open */
	LIVEGROW_REASON_MOUNTED_READ_ONLY,	/* it, or all that is used of the disk */
	LIVEGROW_REASON_PART_UNKNOWN,	/* growctl found nothing that can use more space */
	LIVEGROW_REASON_CONTENT_AWAITED,	/* growctl has not reported what it holds */
	/* the disk, where only the backup is to be relocated */
	LIVEGROW_REASON_USE_AWAITED,	/* growctl has not reported how the disk is used */
};

/* The steps of a look and of the commit, in their order. */
enum livegrow_step {
	LIVEGROW_STEP_NONE,
	LIVEGROW_STEP_READ,		/* reading the table */
	LIVEGROW_STEP_RECOVER_ARRAY,	/* a dead primary: the backup's array at its home */
	LIVEGROW_STEP_RECOVER_HEADER,	/* and LBA 1, as the backup says */
	LIVEGROW_STEP_BACKUP,		/* 1: new array and backup header at the end */
	LIVEGROW_STEP_STALE,		/* 1b: the old backup is zeroed */
	LIVEGROW_STEP_SWITCH,		/* 2: LBA 1, the commit point */
	LIVEGROW_STEP_HOME_ARRAY,	/* 3: new array at its home */
	LIVEGROW_STEP_HOME_HEADER,	/* 4: LBA 1 names the home again */
	LIVEGROW_STEP_MBR,		/* 5: the protective MBR's size */
	LIVEGROW_STEP_PARTITION,	/* 6: the live partition */
	LIVEGROW_STEP_FILESYSTEM,	/* userspace's part, as reported */
};

enum livegrow_event {
	LIVEGROW_EVENT_NONE,
	LIVEGROW_EVENT_CAPACITY_CHANGED,
	LIVEGROW_EVENT_TABLE_UPDATED,
	LIVEGROW_EVENT_PARTITION_GROWN,
	LIVEGROW_EVENT_BLOCKED,		/* did not grow: see state and reason */
	LIVEGROW_EVENT_SHRUNK,
	LIVEGROW_EVENT_FILESYSTEM_GROWN,
	LIVEGROW_EVENT_RECOVERED,	/* a dead primary, from its backup */
	LIVEGROW_EVENT_ROLLED_BACK,
	LIVEGROW_EVENT_BACKUP_FAILED,	/* userspace could not store an old table */
	LIVEGROW_EVENT_FAILED,
	LIVEGROW_EVENT_SETTLED,		/* a look ended */
};

/* What a LIVEGROW_CMD_DISK_GROW permits beyond what mode auto would do. */
enum livegrow_flags {
	LIVEGROW_FLAG_DRY_RUN	= 1 << 0,	/* look, write nothing */
	LIVEGROW_FLAG_ASKED	= 1 << 1,	/* somebody said so: answers mode ask */
	LIVEGROW_FLAG_UNUSED	= 1 << 2,	/* also where nothing here uses it */
	LIVEGROW_FLAG_FREE_TAIL	= 1 << 3,	/* take space that was free before; with */
						/* _ASKED also what the table reserves */
	LIVEGROW_FLAG_CONTENT	= 1 << 4,	/* the partition's content can use more space: */
						/* the caller has looked at it */
	LIVEGROW_FLAG_RECOVER	= 1 << 5,	/* a dead primary from its backup, also */
						/* where no live partition vouches for it */
	LIVEGROW_FLAG_RESUME	= 1 << 6,	/* the last partition is smaller live than in */
						/* the table, after an interrupted commit */
	LIVEGROW_FLAG_SHRUNK	= 1 << 7,	/* permits less: an earlier module saw the disk */
						/* lose space that was in use */
};

#define LIVEGROW_FLAGS_ALL (LIVEGROW_FLAG_DRY_RUN | LIVEGROW_FLAG_ASKED | \
			    LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_FREE_TAIL | \
			    LIVEGROW_FLAG_CONTENT | LIVEGROW_FLAG_RECOVER | \
			    LIVEGROW_FLAG_RESUME | LIVEGROW_FLAG_SHRUNK)

#endif /* _UAPI_LINUX_LIVEGROW_H */
