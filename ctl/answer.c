// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The answer where the module asks what the last partition holds. libblkid knows contents,
 * the mount tables how a filesystem is mounted, and sysfs which mapping holds a partition.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include <linux/livegrow.h>
#include <livegrow/content.h>
#include <livegrow/words.h>

#include "answer.h"
#include "content.h"
#include "filesystem.h"
#include "holder.h"
#include "in_use.h"

static bool is_read_only(const struct volume *volume)
{
	char path[64 + NAME_SIZE], text[4];

	snprintf(path, sizeof(path), "/sys/class/block/%s/ro", volume->name);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) < 0 || text[0] != '0';
}

static bool is_growable(const struct volume *volume)
{
	char type[CONTENT_SIZE];

	return content_probe(volume, type) == 0 && content_growable(type);
}

/*
 * md, DRBD, LUKS and LVM use what their partition has; the module finds the metadata that
 * lies at its end. Any other holder, such as a mapping with a random key or bcache, may hold
 * swap: then what is found on it decides.
 */
static int on_holder(const struct volume *holder, void *arg)
{
	bool is_array = !strncmp(holder->name, "md", strlen("md"));
	struct holder mapping = { 0 };
	bool *grows = arg;

	if (is_array || (holder_read(holder->name, &mapping) == 0 &&
			 (!strcmp(mapping.type, CONTENT_DRBD) || content_growable(mapping.type))))
		*grows = true;
	else
		*grows = !is_read_only(holder) && is_growable(holder);
	return !*grows;
}

static uint32_t reason_of_held(const struct volume *v)
{
	bool grows = false;

	return holders_each(v, on_holder, &grows) == 0 && grows ? LIVEGROW_REASON_NONE :
								  LIVEGROW_REASON_PART_UNKNOWN;
}

static uint32_t reason_of_unused(const struct volume *v)
{
	char type[CONTENT_SIZE];

	if (content_probe(v, type) < 0 || !content_growable(type))
		return LIVEGROW_REASON_PART_UNKNOWN;
	return strcmp(type, "crypto_LUKS") ? LIVEGROW_REASON_NONE : LIVEGROW_REASON_PART_CLOSED;
}

/* The type says that it may grow. */
static uint32_t reason_of(struct libmnt_table *mounts, const struct volume *v)
{
	switch (fs_mount_of(mounts, v)) {
	case LG_MOUNT_WRITABLE:
		return LIVEGROW_REASON_NONE;
	case LG_MOUNT_READ_ONLY:
		return LIVEGROW_REASON_MOUNTED_READ_ONLY;
	default:
		break;
	}
	return volume_is_linked(v->name, "holders") ? reason_of_held(v) : reason_of_unused(v);
}

/* All that is used of the disk is mounted read-only: a person may be looking into a copy. */
static bool is_inspected(struct libmnt_table *mounts, const struct volume *volumes, size_t n)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		if (!in_use(mounts, &volumes[i]))
			continue;
		if (fs_mount_of(mounts, &volumes[i]) != LG_MOUNT_READ_ONLY)
			return false;
		any = true;
	}
	return any;
}

/* No growth is due: the module asks whether it may relocate the backup. */
static struct answer use_answer(struct libmnt_table *mounts, const struct volume *volumes, size_t n,
				bool is_asked)
{
	if (!is_asked && is_inspected(mounts, volumes, n))
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
	/* The type says nothing: the content has to be known. */
	if (disk->reason == LIVEGROW_REASON_PART_CONTENT)
		reason = is_growable(v) ? LIVEGROW_REASON_NONE : LIVEGROW_REASON_PART_CONTENT;
	else
		reason = reason_of(mounts, v);
	if (reason == LIVEGROW_REASON_NONE && !is_asked &&
	    (fs_mount_of(mounts, v) == LG_MOUNT_READ_ONLY || is_inspected(mounts, volumes, n)))
		reason = LIVEGROW_REASON_MOUNTED_READ_ONLY;
	if (reason == LIVEGROW_REASON_NONE)
		return (struct answer){ .flags = LIVEGROW_FLAG_CONTENT };
	/* A type that says nothing grows on a permission alone. */
	if (reason == disk->reason || disk->reason == LIVEGROW_REASON_PART_CONTENT)
		return (struct answer){ 0 };
	return (struct answer){ .reason = reason };
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
	disk->reason = answer->reason;
	snprintf(disk->reason_text, sizeof(disk->reason_text), "%s",
		 lg_reason_words(answer->reason));
}
