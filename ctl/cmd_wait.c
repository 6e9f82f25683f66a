// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl wait: for whoever has enlarged a disk on the host, and wants to go on when the guest has it. */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "cmd.h"
#include "content.h"
#include "filesystem.h"
#include "follow.h"
#include "names.h"
#include "nl_disk.h"
#include "nl_event.h"

/* What nobody tells, such as resize2fs by hand, is looked for that often. */
#define LOOK_AGAIN_MS 1000

/* How it stands: to be waited for, done, or nothing that time alone brings about. */
enum verdict { WAIT_ON, WAIT_DONE, WAIT_IN_VAIN };

/**
 * struct wait - a wait for a disk
 * @at_least: bytes that the disk is to have
 * @deadline: of now_ms(), or INT64_MAX
 * @text: what it waits for, or why in vain
 */
struct wait {
	struct lg lg, events;
	const char *disk;
	uint64_t at_least;
	int64_t deadline;
	char text[FOLLOW_TEXT + 64];
};

static enum verdict verdict(struct wait *w, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static enum verdict verdict(struct wait *w, enum verdict verdict, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(w->text, sizeof(w->text), format, args);
	va_end(args);
	return verdict;
}

static enum verdict fs_verdict(struct wait *w, const struct fs *fs)
{
	char what[FOLLOW_TEXT], size[SIZE_TEXT], reach[SIZE_TEXT];
	struct fs_facts facts;
	int r = fs_check(fs, &facts);

	follow_what(fs, what);
	if (r == -EACCES || r == -EPERM)
		return verdict(w, WAIT_IN_VAIN, "%s: only root can see its size", what);
	if (r == -EOPNOTSUPP)
		return verdict(w, WAIT_IN_VAIN, "%s: growctl cannot grow this type", what);
	if (r < 0)
		return verdict(w, WAIT_IN_VAIN, "%s: %s", what, fs_why(fs, r));
	size_text(facts.size, size);
	if (fs_is_full(&facts))
		return verdict(w, WAIT_DONE, "%s: %s (%" PRIu64 " bytes)", what, size, facts.size);
	sizes_text(facts.size, facts.reach, size, reach);
	return verdict(w, WAIT_ON, "%s: %s of %s; is growctl.service running?", what, size, reach);
}

/* Without a filesystem that is mounted. */
static enum verdict content_verdict(struct wait *w, const struct volume *v)
{
	char type[CONTENT_SIZE];
	int r = content_probe(v, type);

	if (r == -ENODATA)
		return v->number ?
			       verdict(w, WAIT_DONE, "%s: grown; it holds nothing", v->name) :
			       verdict(w, WAIT_IN_VAIN,
				       "%s: neither a partition table nor a filesystem", v->name);
	if (r < 0)
		return verdict(w, WAIT_IN_VAIN, "%s: cannot tell what it holds: %s", v->name,
			       strerror(-r));
	return verdict(w, WAIT_IN_VAIN, "%s: holds %s, which is no mounted filesystem", v->name,
		       type);
}

static enum verdict volume_verdict(struct wait *w, const struct volume *v)
{
	struct libmnt_table *mounts;
	enum verdict ret;
	struct fs fs;
	int r = mounts_read(&mounts);

	if (r < 0)
		return verdict(w, WAIT_IN_VAIN, "%s: cannot read what is mounted: %s", v->name,
			       strerror(-r));
	r = fs_open(mounts, v, &fs);
	if (r == 0) {
		ret = fs_verdict(w, &fs);
		fs_close(&fs);
	} else {
		ret = content_verdict(w, v);
	}
	mnt_unref_table(mounts);
	return ret;
}

/* The last partition, or the disk as a whole where it has none. */
static enum verdict top_verdict(struct wait *w, const struct record *disk)
{
	struct volume v;
	char name[NAME_SIZE + 12];
	int r;

	partition_name(w->disk, disk->part, name, sizeof(name));
	r = volume_read(disk->part ? name : w->disk, &v);
	if (r < 0)
		return verdict(w, WAIT_IN_VAIN, "%s: %s", name, strerror(-r));
	return volume_verdict(w, &v);
}

/* The module's word is on the size that it has looked at. */
static enum verdict disk_verdict(struct wait *w, const struct record *disk, uint64_t size)
{
	char has[SIZE_TEXT], wanted[SIZE_TEXT];

	if (size < w->at_least) {
		sizes_text(size, w->at_least, has, wanted);
		return verdict(w, WAIT_ON, "%s: the disk has %s, not %s", w->disk, has, wanted);
	}
	if (size != disk->capacity)
		return verdict(w, WAIT_ON, "%s: its new size is not looked at yet", w->disk);
	switch (disk->state) {
	case LIVEGROW_STATE_FULL:
	case LIVEGROW_STATE_NO_TABLE:
		return top_verdict(w, disk);
	case LIVEGROW_STATE_UNKNOWN:
	case LIVEGROW_STATE_GROWING:
		return verdict(w, WAIT_ON, "%s: %s", w->disk, name_of_state(disk->state));
	default:
		return verdict(w, WAIT_IN_VAIN, "%s: %s: %s", w->disk, name_of_state(disk->state),
			       record_reason(disk));
	}
}

/* Returns 0, or a negative errno where the disk or the module is not there. */
static int judge(struct wait *w, enum verdict *ret)
{
	struct record disk;
	struct volume whole;
	int r = lg_disk_get(&w->lg, w->disk, &disk);

	if (r == 0)
		r = volume_read(w->disk, &whole);
	if (r == 0)
		*ret = disk_verdict(w, &disk, whole.size);
	return r;
}

static void on_event(const struct record *event, void *arg)
{
	(void)event;
	(void)arg;
}

/* An event is only a hint that it is worth a look, and a lost one is made good by the next look. */
static int sleep_some(struct wait *w)
{
	struct pollfd fd = { .fd = lg_fd(&w->events), .events = POLLIN };
	int64_t left = w->deadline - now_ms();
	int r;

	if (left <= 0)
		return -ETIMEDOUT;
	r = poll(&fd, 1, left < LOOK_AGAIN_MS ? (int)left : LOOK_AGAIN_MS);
	if (r <= 0)
		return r < 0 && errno != EINTR ? -errno : 0;
	r = lg_event_recv(&w->events, on_event, NULL);
	return r == -ENOBUFS ? 0 : r;
}

static int wait_for(struct wait *w, enum verdict *ret)
{
	int r = judge(w, ret);

	while (r == 0 && *ret == WAIT_ON) {
		r = sleep_some(w);
		if (r == 0)
			r = judge(w, ret);
	}
	return r;
}

static int wait_and_tell(struct wait *w)
{
	enum verdict how;
	int r = wait_for(w, &how);

	if (r == -ETIMEDOUT) {
		log_line(LOG_ERR, "timed out; %s", w->text);
		return EXIT_TIMEOUT;
	}
	if (r < 0)
		return cmd_complain_disk(&w->lg, w->disk, r);
	if (how == WAIT_IN_VAIN) {
		log_line(LOG_ERR, "%s", w->text);
		return EXIT_FAILED;
	}
	puts(w->text);
	return EXIT_DONE;
}

/** cmd_wait() - wait until a disk and what is on it are grown; returns an exit code. */
int cmd_wait(const struct options *opt)
{
	struct wait w = {
		.disk = opt->disk,
		.at_least = opt->at_least,
		.deadline = opt->given & OPT_TIMEOUT ? now_ms() + opt->timeout_ms : INT64_MAX,
	};
	int r = lg_open(&w.lg);

	if (r < 0)
		return cmd_complain_open(r);
	/* Events first, so that none falls between a look and the sleep after it. */
	r = lg_event_open(&w.events);
	if (r < 0) {
		lg_close(&w.lg);
		return cmd_complain_open(r);
	}
	r = wait_and_tell(&w);
	lg_close(&w.events);
	lg_close(&w.lg);
	return r;
}
