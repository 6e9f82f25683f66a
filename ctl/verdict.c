// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a disk, its last partition and the filesystem on it have all that the host gave. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "above.h"
#include "advice.h"
#include "content.h"
#include "filesystem.h"
#include "foreign.h"
#include "names.h"
#include "verdict.h"

/* The backup of a table, and what alignment leaves in front of it. */
#define OVERHEAD (UINT64_C(2) << 20)

static void __attribute__((format(printf, 3, 4)))
say(struct verdict *ret, enum verdict_end end, const char *format, ...)
{
	va_list args;

	ret->end = end;
	va_start(args, format);
	vsnprintf(ret->text, sizeof(ret->text), format, args);
	va_end(args);
}

static void say_state(const struct record *disk, enum verdict_end end, struct verdict *ret)
{
	const char *why = record_reason(disk);

	say(ret, end, "%s: %s%s%s", disk->disk, name_of_state(disk->state), why[0] ? ": " : "",
	    why);
}

/* In mode ask nothing follows by itself either. */
static void say_behind(const struct record *disk, const struct fs *fs, const char *what,
		       const struct fs_facts *facts, struct verdict *ret)
{
	char size[SIZE_TEXT], reach[SIZE_TEXT], advice[ADVICE_SIZE];

	sizes_text(facts->size, facts->reach, size, reach);
	advice_behind(disk, fs, advice);
	if (disk->mode == LIVEGROW_MODE_AUTO)
		say(ret, VERDICT_NOT_YET, "%s: %s of %s; %s", what, size, reach, advice);
	else
		say(ret, VERDICT_IN_VAIN, "%s: %s of %s, and mode %s: growctl grow %s", what, size,
		    reach, name_of_mode(disk->mode), disk->disk);
}

static void fs_verdict(const struct record *disk, const struct fs *fs, struct verdict *ret)
{
	char what[FOLLOW_TEXT], size[SIZE_TEXT];
	struct fs_facts facts;
	int r = fs_check(fs, &facts);

	follow_what(fs, what);
	size_text(facts.size, size);
	if (r == -EINPROGRESS && disk->mode == LIVEGROW_MODE_AUTO)
		say(ret, VERDICT_NOT_YET, "%s: %s", what, fs_check_why(fs, r));
	else if (r < 0)
		say(ret, VERDICT_IN_VAIN, "%s: %s", what, fs_check_why(fs, r));
	else if (fs_is_full(&facts))
		say(ret, VERDICT_DONE, "%s: %s (%" PRIu64 " bytes)", what, size, facts.size);
	else
		say_behind(disk, fs, what, &facts, ret);
}

/* What is not mounted itself and still has a filesystem at its top, grown by a person. */
static bool above_verdict(struct libmnt_table *mounts, const struct volume *v, const char *type,
			  struct verdict *ret)
{
	char size[SIZE_TEXT];
	struct above above;

	above_find(mounts, v, &above);
	if (above.advice[0])
		say(ret, VERDICT_IN_VAIN, "%s: holds %s: %s", v->name, type, above.advice);
	else if (above.any_fs)
		say(ret, VERDICT_DONE, "%s: %s: %s (%" PRIu64 " bytes)", v->name, type,
		    size_text(v->size, size), v->size);
	else
		return false;
	return true;
}

/* Without a filesystem that is mounted here, what lies on it has to be asked. */
static void content_verdict(const struct record *disk, struct libmnt_table *mounts,
			    const struct volume *v, struct verdict *ret)
{
	char type[CONTENT_SIZE];
	int r = content_probe(v, type);

	if (disk->state == LIVEGROW_STATE_HELD)
		say_state(disk, VERDICT_IN_VAIN, ret);
	else if (r == 0 && above_verdict(mounts, v, type, ret))
		return;
	else if (r == 0)
		say(ret, VERDICT_IN_VAIN, "%s: holds %s, which is no mounted filesystem", v->name,
		    type);
	else if (r == -ENODATA)
		say(ret, VERDICT_IN_VAIN, "%s: %s", v->name,
		    v->number ? "no filesystem that is known is on it" :
				"neither a partition table nor a filesystem");
	else
		say(ret, VERDICT_IN_VAIN, "%s: cannot tell what it holds: %s", v->name,
		    strerror(-r));
}

static void volume_verdict(const struct record *disk, const struct volume *v, struct verdict *ret)
{
	struct libmnt_table *mounts;
	struct fs fs;
	int r = mounts_read(&mounts);

	if (r < 0) {
		say(ret, VERDICT_IN_VAIN, "%s: cannot read what is mounted: %s", v->name,
		    strerror(-r));
		return;
	}
	r = fs_open(mounts, v, &fs);
	if (r == 0) {
		fs_verdict(disk, &fs, ret);
		fs_close(&fs);
	} else if (r == -ENOENT) {
		content_verdict(disk, mounts, v, ret);
	} else {
		say(ret, VERDICT_IN_VAIN, "%s: cannot reach its filesystem: %s", v->name,
		    strerror(-r));
	}
	mnt_unref_table(mounts);
}

/* The last partition, or the disk as a whole where it has none. */
static void top_verdict(const struct record *disk, struct verdict *ret)
{
	char name[NAME_SIZE + 12], advice[ADVICE_SIZE];
	struct volume v;
	int r;

	advice_tail(disk, advice);
	if (disk->part && advice[0]) {
		say(ret, VERDICT_IN_VAIN, "%s: free space is not taken: %s", disk->disk, advice);
		return;
	}
	partition_name(disk->disk, disk->part, name, sizeof(name));
	r = volume_read(name, &v);
	if (r < 0)
		say(ret, VERDICT_IN_VAIN, "%s: %s", name, strerror(-r));
	else
		volume_verdict(disk, &v, ret);
}

/* A mounted whole disk is held if the kernel forbids other writes to a mounted device. */
static void state_verdict(const struct record *disk, struct verdict *ret)
{
	struct volume last;

	switch (disk->state) {
	case LIVEGROW_STATE_FULL:
	case LIVEGROW_STATE_NO_TABLE:
	case LIVEGROW_STATE_HELD:
		top_verdict(disk, ret);
		break;
	case LIVEGROW_STATE_UNKNOWN:
	case LIVEGROW_STATE_GROWING:
		say_state(disk, VERDICT_NOT_YET, ret);
		break;
	default:
		/* The daemon is about to send it. */
		if (disk->reason == LIVEGROW_REASON_POLICY_AWAITED ||
		    disk->reason == LIVEGROW_REASON_CONTENT_AWAITED ||
		    disk->reason == LIVEGROW_REASON_USE_AWAITED)
			say_state(disk, VERDICT_NOT_YET, ret);
		else if (foreign_full(disk, &last))
			volume_verdict(disk, &last, ret);
		else
			say_state(disk, VERDICT_IN_VAIN, ret);
	}
}

/* Nothing is to come that would let the filesystem have so much. */
static bool is_limited(const struct record *disk, uint64_t at_least)
{
	return disk->state == LIVEGROW_STATE_FULL && disk->reason == LIVEGROW_REASON_PART_MAX &&
	       disk->part_start + disk->part_size + OVERHEAD < at_least;
}

/**
 * verdict_find() - how far a disk and what is on it have come
 * @disk: what the module says of it
 * @at_least: bytes that the disk has to have, or 0
 * @ret: receives it, and in words what is lacking, or what there is
 *
 * What is in vain may still be about to be mended: by the daemon, which looks
 * at a partition's content, or by another tool between two of its steps.
 */
void verdict_find(const struct record *disk, uint64_t at_least, struct verdict *ret)
{
	char has[SIZE_TEXT], wanted[SIZE_TEXT];
	struct volume whole;
	int r = volume_read(disk->disk, &whole);

	if (r < 0) {
		say(ret, VERDICT_IN_VAIN, "%s: %s", disk->disk, strerror(-r));
	} else if (whole.size < at_least) {
		sizes_text(whole.size, at_least, has, wanted);
		say(ret, VERDICT_NOT_YET, "%s: the disk has %s, not %s", disk->disk, has, wanted);
	} else if (whole.size != disk->capacity) {
		say(ret, VERDICT_NOT_YET, "%s: its new size is not looked at yet", disk->disk);
	} else if (is_limited(disk, at_least)) {
		say_state(disk, VERDICT_IN_VAIN, ret);
	} else {
		state_verdict(disk, ret);
	}
}
