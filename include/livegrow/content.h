/* SPDX-License-Identifier: GPL-2.0-only */
/* The content of a partition and its use decide, within what its type permits. */
#ifndef LIVEGROW_CONTENT_H
#define LIVEGROW_CONTENT_H

#include <linux/livegrow.h>
#include <livegrow/platform.h>

/* All known superblocks begin in so many bytes at the start of a partition. */
#define LG_CONTENT_HEAD		(68U * 1024)
/* The superblocks of filesystems whose mount the kernel shows, and labels, lie in so many. */
#define LG_CONTENT_MOUNTED	2048U

/* Contents that decide, alone or with the partition's use, whether the partition grows. */
enum lg_content {
	LG_CONTENT_OTHER,	/* none of these, or nothing known */
	LG_CONTENT_FILESYSTEM,	/* one that can use more space, on one device */
	LG_CONTENT_BTRFS,	/* or NILFS2: can use more space, mounts are not shown */
	LG_CONTENT_FIXED,	/* a filesystem that cannot grow */
	LG_CONTENT_JOURNAL,	/* of an ext4 on another device */
	LG_CONTENT_SWAP,
	LG_CONTENT_IMAGE,	/* a read-only filesystem: squashfs, EROFS, ... */
	LG_CONTENT_CONFIG,	/* a configuration drive of the cloud */
	LG_CONTENT_LUKS,
	LG_CONTENT_LVM,
	LG_CONTENT_MD,		/* a member of an array, its metadata in front */
};

/* A filesystem's superblock, as far as the kernel's mounts are visible. */
enum lg_mount {
	LG_MOUNT_UNSEEN,	/* not mounted, or not visible */
	LG_MOUNT_READ_ONLY,
	LG_MOUNT_WRITABLE,
};

/**
 * struct lg_holding - what is known of a partition besides its entry
 * @content: by lg_content_find()
 * @mount: the superblock of the filesystem that is mounted from it
 * @is_held: a mount, swap, dm or the like has it open exclusively
 * @shows_mounts: the kernel shows mounts of LG_CONTENT_FILESYSTEM
 * @answer: what growctl found: LIVEGROW_REASON_CONTENT_AWAITED while the module waits for
 *	that, the reason why the partition must not grow, or LIVEGROW_REASON_NONE where
 *	growctl gave no reason, or no answer in time
 */
struct lg_holding {
	enum lg_content content;
	enum lg_mount mount;
	bool is_held;
	bool shows_mounts;
	enum livegrow_reason answer;
};

/**
 * lg_content_find() - the content of a partition
 * @head: its first bytes
 * @size: of @head, in bytes: LG_CONTENT_HEAD, LG_CONTENT_MOUNTED if it is mounted writable,
 *	or less if the partition is smaller
 */
enum lg_content lg_content_find(const u8 *head, size_t size);

/** lg_content_words() - a content in words, after "last partition vda2 holds" */
const char *lg_content_words(enum lg_content content);

/**
 * lg_content_forbids() - whether content and use keep a partition from growing
 * @holding: what is known of the partition, whose type may grow
 * @flags: enum livegrow_flags of the look
 *
 * A filesystem that is mounted writable and can use more space grows. Everything else is
 * for growctl to answer (LIVEGROW_FLAG_CONTENT, or @holding->answer): a mapping may be
 * read-only, or hold swap. Without an answer in time, the partition grows if it is mounted
 * writable, or is in use in a way that the kernel shows no mounts of.
 *
 * Return: LIVEGROW_REASON_NONE where it may grow.
 */
enum livegrow_reason lg_content_forbids(const struct lg_holding *holding, u32 flags);

#endif /* LIVEGROW_CONTENT_H */
