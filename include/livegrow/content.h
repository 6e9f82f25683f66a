/* SPDX-License-Identifier: GPL-2.0-only */
/* The content of a partition and its use decide, within what its type permits. */
#ifndef LIVEGROW_CONTENT_H
#define LIVEGROW_CONTENT_H

#include <linux/livegrow.h>
#include <livegrow/platform.h>

/* All known superblocks begin in so many bytes at the start of a partition. */
#define LG_CONTENT_HEAD		(68U * 1024)

/* Contents that the space behind their partition is of no use to. */
enum lg_content {
	LG_CONTENT_OTHER,	/* none of these, or nothing known */
	LG_CONTENT_SWAP,
	LG_CONTENT_IMAGE,	/* a read-only filesystem: squashfs, EROFS, ... */
	LG_CONTENT_CONFIG,	/* a configuration drive of the cloud */
	LG_CONTENT_LUKS,
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
 */
struct lg_holding {
	enum lg_content content;
	enum lg_mount mount;
	bool is_held;
};

/**
 * lg_content_find() - the content of a partition
 * @head: its first bytes
 * @size: of @head; LG_CONTENT_HEAD, or less where the partition is smaller
 */
enum lg_content lg_content_find(const u8 *head, size_t size);

/** lg_content_words() - a content in words, after "last partition vda2 holds" */
const char *lg_content_words(enum lg_content content);

/**
 * lg_content_forbids() - whether content and use keep a partition from growing
 * @holding: what is known of the partition, whose type may grow
 * @flags: enum livegrow_flags of the look
 *
 * The kernel's mount is stronger than what a superblock says, since a superblock may
 * be left over from an earlier use.
 *
 * Return: LIVEGROW_REASON_NONE where it may grow.
 */
enum livegrow_reason lg_content_forbids(const struct lg_holding *holding, u32 flags);

#endif /* LIVEGROW_CONTENT_H */
