// SPDX-License-Identifier: GPL-2.0-or-later
/* What a grown partition's filesystem needs; the same for the daemon and for a person's command. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/livegrow.h>

#include "follow.h"
#include "text.h"

/* The module takes a report's text up to here. */
#define REPORT_TEXT 160

/* So much of a mountpoint leaves room for all that FOLLOW_TEXT is for. */
#define TARGET_TEXT 256

/**
 * follow_allowed() - whether filesystems on a disk may grow, on anybody's word
 * @disk: what the module says of it
 *
 * Not where the module keeps its hands off or does not know yet, and not on a
 * disk that is smaller than its table: a partition may end behind the disk.
 */
bool follow_allowed(const struct record *disk)
{
	return disk->state != LIVEGROW_STATE_UNKNOWN && disk->state != LIVEGROW_STATE_UNMANAGED &&
	       disk->state != LIVEGROW_STATE_SHRUNK && disk->state != LIVEGROW_STATE_OFF &&
	       disk->mode != LIVEGROW_MODE_OFF;
}

/* What is too long is the mountpoint: the reason stays whole. */
static void report_text(const struct fs *fs, int err, char ret[REPORT_TEXT])
{
	const char *type = fs->place.type, *why = fs_why(fs, err);
	size_t others = strlen(type) + strlen(" on  did not grow: ") + strlen(why);
	size_t room = others < REPORT_TEXT ? REPORT_TEXT - others : 1;
	char target[REPORT_TEXT];

	snprintf(ret, REPORT_TEXT, "%s on %s did not grow: %s", type,
		 text_tail(fs->place.target, room, target), why);
}

/*
 * By a connection of its own: the caller may be a process without one, and a
 * module that was loaded anew meanwhile has another number.
 */
static bool report(const char *disk, const struct fs *fs, const struct fs_grown *grown, int err)
{
	char why[REPORT_TEXT];
	struct lg lg;
	int r;
	struct fs_report rep = {
		.disk = disk,
		.number = fs->volume.number,
		.type = fs->place.type,
		.old_size = grown->before.size,
		.size = grown->after.size,
		.err = err,
		.why = why,
	};

	report_text(fs, err, why);
	r = lg_open(&lg);
	if (r < 0)
		return false;
	r = lg_fs_report(&lg, &rep);
	lg_close(&lg);
	return r == 0;
}

/**
 * follow_fs() - grow a filesystem to its device and report it to the module
 * @disk: the disk's name
 * @fs: of fs_open()
 * @ret: receives what came of it, as of fs_grow()
 * @ret_reported: receives whether every subscriber is told of it
 *
 * A report that does not get through changes nothing of what was done. None is
 * made of one that is to be tried again, by whoever was busy with it.
 * Returns as fs_grow() does.
 */
int follow_fs(const char *disk, const struct fs *fs, struct fs_grown *ret, bool *ret_reported)
{
	int r = fs_grow(fs, ret);

	if ((r < 0 && r != -EINPROGRESS && ret->tried) || ret->after.size > ret->before.size)
		*ret_reported = report(disk, fs, ret, r);
	else
		*ret_reported = false;
	return r;
}

/** follow_what() - a filesystem in words: "vdb1: ext4 on /srv". */
void follow_what(const struct fs *fs, char ret_text[FOLLOW_TEXT])
{
	char target[TARGET_TEXT];

	text_tail(fs->place.target, sizeof(target), target);
	snprintf(ret_text, FOLLOW_TEXT, "%s: %s on %s", fs->volume.name, fs->place.type, target);
}

/**
 * follow_words() - one line about what follow_fs() did
 * @fs: the filesystem
 * @grown: what came of it; of no account with an error
 * @err: what follow_fs() or fs_check() returned
 * @ret_text: receives the line
 */
void follow_words(const struct fs *fs, const struct fs_grown *grown, int err,
		  char ret_text[FOLLOW_TEXT])
{
	char target[TARGET_TEXT], words[SIZES_TEXT];

	text_tail(fs->place.target, sizeof(target), target);
	if (err < 0) {
		snprintf(ret_text, FOLLOW_TEXT, "%s: %s on %s did not grow: %s", fs->volume.name,
			 fs->place.type, target, fs_why(fs, err));
	} else {
		sizes_words(grown->before.size, grown->after.size, words);
		snprintf(ret_text, FOLLOW_TEXT, "%s: %s on %s grown %s", fs->volume.name,
			 fs->place.type, target, words);
	}
}
