// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer where the module asks what the last partition holds. libblkid knows contents,
 * and the mount tables and sysfs how a partition, and all that is made of it, is used.
 */

#include <stdio.h>

#include <linux/livegrow.h>
#include <livegrow/content.h>
#include <livegrow/words.h>

#include "answer.h"
#include "content.h"
#include "filesystem.h"
#include "in_use.h"
#include "stack.h"

static bool is_growable(const struct volume *volume)
{
	char type[CONTENT_SIZE];

	return content_probe(volume, type) == 0 && content_growable(type);
}

/*
 * All mounts on the disk, or those on @last (NULL for none), are read-only: a person may be
 * looking into a copy.
 */
static bool is_inspected(struct libmnt_table *mounts, const struct volume *volumes, size_t n,
			 const struct volume *last)
{
	enum lg_mount most = LG_MOUNT_UNSEEN, how;

	for (size_t i = 0; i < n; i++) {
		how = stack_mount_of(mounts, &volumes[i]);
		if (&volumes[i] == last && how == LG_MOUNT_READ_ONLY)
			return true;
		if (how > most)
			most = how;
	}
	return most == LG_MOUNT_READ_ONLY;
}

/*
 * zram, a target that exports it or the like has it open, and leaves no link in sysfs: what
 * libblkid finds on it may be left over.
 */
static bool is_held_unseen(struct libmnt_table *mounts, const struct record *disk,
			   const struct volume *v)
{
	return disk->part_held && !in_use(mounts, v);
}

/* The type says that it may grow. */
static uint32_t reason_of(struct libmnt_table *mounts, const struct record *disk,
			  const struct volume *v)
{
	if (is_held_unseen(mounts, disk, v))
		return LIVEGROW_REASON_PART_UNKNOWN;
	switch (stack_growth_of(mounts, v)) {
	case STACK_GROWS:
		return LIVEGROW_REASON_NONE;
	case STACK_CLOSED:
		return LIVEGROW_REASON_PART_CLOSED;
	default:
		return LIVEGROW_REASON_PART_UNKNOWN;
	}
}

/* The type says nothing: the content has to be known. */
static uint32_t reason_of_untyped(struct libmnt_table *mounts, const struct record *disk,
				  const struct volume *v)
{
	if (!is_growable(v) || is_held_unseen(mounts, disk, v) ||
	    stack_growth_of(mounts, v) == STACK_FIXED)
		return LIVEGROW_REASON_PART_CONTENT;
	return LIVEGROW_REASON_NONE;
}

/* A partition that cannot grow is read-only only if its own filesystem is mounted so. */
static uint32_t reason_unasked(struct libmnt_table *mounts, const struct volume *volumes, size_t n,
			       const struct volume *v, uint32_t reason)
{
	bool is_read_only = reason == LIVEGROW_REASON_NONE ?
				    is_inspected(mounts, volumes, n, v) :
				    fs_mount_of(mounts, v) == LG_MOUNT_READ_ONLY;

	return is_read_only ? LIVEGROW_REASON_MOUNTED_READ_ONLY : reason;
}

/* No growth is due: the module asks whether it may relocate the backup. */
static struct answer use_answer(struct libmnt_table *mounts, const struct volume *volumes, size_t n,
				bool is_asked)
{
	if (!is_asked && is_inspected(mounts, volumes, n, NULL))
		return (struct answer){ .reason = LIVEGROW_REASON_MOUNTED_READ_ONLY };
	return (struct answer){ .flags = LIVEGROW_FLAG_CONTENT };
}

/* Whether the module's reason is one that an answer can change. */
static bool is_open(const struct record *disk)
{
	switch (disk->reason) {
	case LIVEGROW_REASON_PART_CONTENT:
	case LIVEGROW_REASON_CONTENT_AWAITED:
	case LIVEGROW_REASON_MOUNTED_READ_ONLY:
	case LIVEGROW_REASON_PART_CLOSED:
	case LIVEGROW_REASON_PART_UNKNOWN:
		return true;
	default:
		return false;
	}
}

static const struct volume *last_of(const struct record *disk, const struct volume *volumes,
				    size_t n)
{
	for (size_t i = 0; i < n && disk->part; i++)
		if (volumes[i].number == disk->part)
			return &volumes[i];
	return NULL;
}

/**
 * answer_find() - find the answer about a disk's last partition
 * @mounts: of mounts_read()
 * @disk: what the module says of the disk
 * @volumes: of volumes_of_disk()
 * @n: their number
 * @is_asked: a person wants it to grow, however it is mounted
 *
 * There is something where the module waits for the answer, and where a mount or a mapping
 * may have changed the one that it has.
 */
struct answer answer_find(struct libmnt_table *mounts, const struct record *disk,
			  const struct volume *volumes, size_t n, bool is_asked)
{
	const struct volume *v = last_of(disk, volumes, n);
	uint32_t reason;

	if (disk->reason == LIVEGROW_REASON_USE_AWAITED)
		return use_answer(mounts, volumes, n, is_asked);
	if (!v || !is_open(disk))
		return (struct answer){ 0 };
	if (disk->reason == LIVEGROW_REASON_PART_CONTENT)
		reason = reason_of_untyped(mounts, disk, v);
	else
		reason = reason_of(mounts, disk, v);
	if (!is_asked)
		reason = reason_unasked(mounts, volumes, n, v, reason);
	if (reason == LIVEGROW_REASON_NONE)
		return (struct answer){ .flags = LIVEGROW_FLAG_CONTENT };
	/* A type that says nothing grows only on a permission. */
	if (reason == disk->reason || disk->reason == LIVEGROW_REASON_PART_CONTENT)
		return (struct answer){ 0 };
	return (struct answer){ .reason = reason };
}

static void reason_put(uint32_t reason, struct record *disk)
{
	disk->reason = reason;
	snprintf(disk->reason_text, sizeof(disk->reason_text), "%s", lg_reason_words(reason));
}

/**
 * answer_refuses_unasked() - whether a partition that a request would grow must not grow by itself
 * @mounts: of mounts_read()
 * @disk: the disk after a dry run that found something to do; receives the reason if so
 * @volumes: of volumes_of_disk()
 * @n: their number
 */
bool answer_refuses_unasked(struct libmnt_table *mounts, struct record *disk,
			    const struct volume *volumes, size_t n)
{
	const struct volume *v = last_of(disk, volumes, n);
	uint32_t reason = LIVEGROW_REASON_NONE;

	if (v)
		reason = reason_unasked(mounts, volumes, n, v, reason_of(mounts, disk, v));
	if (reason != LIVEGROW_REASON_NONE)
		reason_put(reason, disk);
	return reason != LIVEGROW_REASON_NONE;
}

/**
 * answer_put() - show a disk that waits for the answer as it will be once the module has it
 * @answer: of answer_find()
 * @disk: the disk; it stays as it is where the answer gives no reason
 */
void answer_put(const struct answer *answer, struct record *disk)
{
	if (!answer->reason || disk->reason != LIVEGROW_REASON_CONTENT_AWAITED)
		return;
	reason_put(answer->reason, disk);
}
