// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl wait: block a script that enlarged a disk on the host until the guest uses the space. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cmd.h"
#include "failure.h"
#include "nl_disk.h"
#include "nl_event.h"
#include "verdict.h"

/* Milliseconds between looks for changes without an event, such as those of resize2fs. */
#define LOOK_AGAIN_MS 500
/* Milliseconds for which a wait has to look futile before it ends. */
#define PATIENCE_MS 2000

/**
 * struct waiting - a wait for a disk
 * @at_least: bytes that the disk is to have, or 0
 * @deadline: of now_ms(), or INT64_MAX
 * @verdict: of the newest look
 * @since: since when that says the same
 * @failure: why a filesystem could not be grown, where an event reported it
 */
struct waiting {
	struct lg lg, events;
	const char *disk;
	uint64_t at_least;
	int64_t deadline;
	struct verdict verdict;
	int64_t since;
	struct failure failure;
};

static bool is_over(const struct waiting *w)
{
	if (w->verdict.end == VERDICT_IN_VAIN)
		return now_ms() - w->since >= PATIENCE_MS;
	return w->verdict.end == VERDICT_DONE;
}

/* What the host has yet to do no filesystem can have failed at, nor can that of another partition. */
static bool has_failed(const struct waiting *w, const struct record *disk)
{
	return failure_holds(&w->failure, disk, disk->part) && disk->capacity >= w->at_least;
}

/* The daemon does not retry a filesystem that failed, so the failure counts until it has grown. */
static int judge(struct waiting *w)
{
	struct verdict now;
	struct record disk;
	int r = lg_disk_get(&w->lg, w->disk, &disk);

	if (r < 0)
		return r;
	verdict_find(&disk, w->at_least, &now);
	if (now.end == VERDICT_NOT_YET && has_failed(w, &disk)) {
		now.end = VERDICT_IN_VAIN;
		snprintf(now.text, sizeof(now.text), "%s: %s", w->disk, w->failure.text);
	}
	if (now.end != w->verdict.end || strcmp(now.text, w->verdict.text))
		w->since = now_ms();
	w->verdict = now;
	return 0;
}

/* An event is a hint that it is worth a look; a lost one is made good by the next look. */
static int sleep_some(struct waiting *w)
{
	struct pollfd fd = { .fd = lg_fd(&w->events), .events = POLLIN };
	int64_t left = w->deadline - now_ms();
	int r;

	if (left <= 0)
		return -ETIMEDOUT;
	r = poll(&fd, 1, left < LOOK_AGAIN_MS ? (int)left : LOOK_AGAIN_MS);
	if (r <= 0)
		return r < 0 && errno != EINTR ? -errno : 0;
	r = lg_event_recv(&w->events, failure_hear, &w->failure);
	return r == -ENOBUFS ? 0 : r;
}

static int wait_for_end(struct waiting *w)
{
	int r = judge(w);

	while (r == 0 && !is_over(w)) {
		r = sleep_some(w);
		if (r == 0)
			r = judge(w);
	}
	return r;
}

/* Returns an exit code. */
static int wait_and_tell(struct waiting *w)
{
	int r = wait_for_end(w);

	/* The module went meanwhile. */
	if (r == -ENOENT)
		return cmd_complain_open(r);
	if (r < 0 && r != -ETIMEDOUT)
		return cmd_complain_disk(&w->lg, w->disk, r);
	if (w->verdict.end == VERDICT_DONE) {
		print_line("%s", w->verdict.text);
		return EXIT_DONE;
	}
	if (w->verdict.end == VERDICT_IN_VAIN) {
		log_line(LOG_ERR, "%s", w->verdict.text);
		return EXIT_FAILED;
	}
	log_line(LOG_ERR, "timed out; %s", w->verdict.text);
	return EXIT_TIMEOUT;
}

/** cmd_wait() - wait until a disk and what is on it are grown; returns an exit code. */
int cmd_wait(const struct options *opt)
{
	struct waiting w = {
		.disk = opt->disk,
		.failure.disk = opt->disk,
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
	failure_recall(&w.failure);
	r = wait_and_tell(&w);
	lg_close(&w.events);
	lg_close(&w.lg);
	return r;
}
