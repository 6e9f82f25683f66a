// SPDX-License-Identifier: GPL-2.0-or-later
/* What to do about something that did not grow. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "advice.h"
#include "alive.h"
#include "content.h"
#include "failure.h"
#include "follow.h"
#include "fs_offline.h"
#include "store.h"

/* Without root it cannot be told whether a daemon runs. */
static void behind_unheard(const struct record *disk, char ret[ADVICE_SIZE])
{
	if (alive_daemon())
		snprintf(
			ret, ADVICE_SIZE,
			"growctl.service is growing it; is it frozen? If so, it grows once thawed");
	else
		snprintf(ret, ADVICE_SIZE, "growctl grow %s; is growctl.service running?",
			 disk->disk);
}

/**
 * advice_behind() - why a filesystem that could follow its disk does not
 * @disk: what the module says of the disk
 * @fs: of fs_open()
 * @ret: receives the words
 */
void advice_behind(const struct record *disk, const struct fs *fs, char ret[ADVICE_SIZE])
{
	struct failure failure = { .disk = disk->disk };

	if (disk->mode == LIVEGROW_MODE_ASK)
		snprintf(ret, ADVICE_SIZE, "growctl grow %s", disk->disk);
	else if (failure_recall(&failure) == 0 && failure_holds(&failure, disk, fs->volume.number))
		snprintf(ret, ADVICE_SIZE, "%.*s", ADVICE_SIZE - 1, failure.text);
	else
		behind_unheard(disk, ret);
}

/**
 * advice_fs() - why a mounted filesystem is behind its device
 * @disk: what the module says of the disk
 * @fs: of fs_open()
 * @err: of fs_check()
 * @ret: receives the words; none where those about the disk say it
 */
void advice_fs(const struct record *disk, const struct fs *fs, int err, char ret[ADVICE_SIZE])
{
	ret[0] = '\0';
	if (err < 0)
		snprintf(ret, ADVICE_SIZE, "%s", fs_why(fs, err));
	else if (follow_allowed(disk) && disk->state != LIVEGROW_STATE_GROWING)
		advice_behind(disk, fs, ret);
}

/**
 * advice_tail() - what takes the space that was free before the disk grew
 * @disk: what the module says of the disk
 * @ret: receives the words; none where a person's word does not take it either
 */
void advice_tail(const struct record *disk, char ret[ADVICE_SIZE])
{
	bool waits = disk->state == LIVEGROW_STATE_WAITING &&
		     disk->reason == LIVEGROW_REASON_FREE_TAIL;
	bool left = disk->state == LIVEGROW_STATE_FULL && disk->part_reach > disk->part_size;

	ret[0] = '\0';
	if (waits || left)
		snprintf(ret, ADVICE_SIZE, "growctl grow %s takes it", disk->disk);
}

/**
 * advice_backup() - that an old table could not be stored
 * @disk: what the module says of the disk
 * @ret: receives the words; none where nothing went wrong
 */
void advice_backup(const struct record *disk, char ret[ADVICE_SIZE])
{
	ret[0] = '\0';
	if (disk->backup_errno)
		snprintf(ret, ADVICE_SIZE, "the old partition table could not be stored in %s: %s",
			 STORE_DIR, strerror((int)(disk->backup_errno & INT32_MAX)));
}

/**
 * advice_partition() - what else than growctl grow a partition waits for
 * @disk: what the module says of the disk
 * @v: the partition
 * @ret: receives the words; none where growctl grow is the way, or it takes
 *       root to find out
 */
void advice_partition(const struct record *disk, const struct volume *v, char ret[ADVICE_SIZE])
{
	char type[CONTENT_SIZE];

	ret[0] = '\0';
	if (disk->state == LIVEGROW_STATE_WAITING && disk->reason == LIVEGROW_REASON_PART_CONTENT &&
	    disk->part == v->number && content_probe(v, type) == -ENODATA)
		snprintf(ret, ADVICE_SIZE,
			 "nothing that is known is on it, and growing it may destroy what is; only "
			 "if you know that its content survives that, set its partition type to "
			 "Linux filesystem");
}

/**
 * advice_offline() - who grows what growctl does not, where that has not all of its volume
 * @v: the partition or disk
 * @ret: receives the words; none where it has, its size cannot be told, or growctl grows it
 */
void advice_offline(const struct volume *v, char ret[ADVICE_SIZE])
{
	char type[CONTENT_SIZE];
	int fd = volume_open(v);
	uint64_t has;

	ret[0] = '\0';
	if (fd < 0)
		return;
	if (content_probe_at(fd, 0, 0, type) == 0 && !fs_type_grows(type)) {
		has = content_size_at(fd, 0, type);
		if (has && has + CONTENT_ROUNDING < v->size)
			snprintf(ret, ADVICE_SIZE, "%s on %s has not all of it: %s", type, v->name,
				 fs_offline_why(type));
	}
	close(fd);
}
