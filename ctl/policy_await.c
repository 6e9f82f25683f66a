// SPDX-License-Identifier: GPL-2.0-or-later
/* Wait until the daemon has told the module what the configuration says. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "in_force.h"
#include "nl_disk.h"
#include "nl_event.h"
#include "policy_await.h"

/* The longest wait for all disks, and for one that has to be read for its policy. */
#define AWAIT_MS (POLICY_AWAIT_SECONDS * 1000)
#define ANSWER_MS 5000
/* A rule that leads to no look is followed by no event. */
#define LOOK_AGAIN_MS 100

static bool is_late(const struct conf *conf, const struct record *disk)
{
	struct policy_value value;
	struct policy policy;

	if (policy_of_disk_within(conf, disk->disk, ANSWER_MS, &policy) < 0)
		return false;
	for (enum policy_key key = 0; key < POLICY_KEYS; key++)
		if (in_force_other(disk, &policy, key, &value))
			return true;
	return false;
}

/* Returns 1 if a disk is late, 0 if none is, or a negative errno. */
static int late_find(struct lg *lg, const char *only)
{
	struct record *disks;
	struct conf conf;
	size_t n;
	int r = lg_disk_dump(lg, &disks, &n);

	if (r < 0)
		return r;
	r = conf_read("", &conf);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!only || !strcmp(only, disks[i].disk))
			r = is_late(&conf, &disks[i]);
	conf_free(&conf);
	free(disks);
	return r;
}

static void on_event(const struct record *event, void *arg)
{
	(void)event;
	(void)arg;
}

/* An event is a hint that it is worth a look. */
static int sleep_some(struct lg *events)
{
	struct pollfd fd = { .fd = lg_fd(events), .events = POLLIN };
	int r = poll(&fd, 1, LOOK_AGAIN_MS);

	if (r <= 0)
		return r < 0 && errno != EINTR ? -errno : 0;
	r = lg_event_recv(events, on_event, NULL);
	return r == -ENOBUFS ? 0 : r;
}

static int await(struct lg *lg, struct lg *events, const char *only)
{
	int64_t deadline = now_ms() + AWAIT_MS;
	int r = late_find(lg, only);

	while (r == 1) {
		if (now_ms() >= deadline)
			return -ETIMEDOUT;
		r = sleep_some(events);
		if (r == 0)
			r = late_find(lg, only);
	}
	return r;
}

/**
 * policy_await() - wait until what the configuration says is in force
 * @only: a disk's name, or NULL for all disks
 *
 * A disk counts as policy_of_disk() and the module see it: where either does not know, there
 * is nothing to wait for.
 *
 * Returns 0, -ETIMEDOUT after POLICY_AWAIT_SECONDS, -ENOENT where the module is not loaded,
 * or another negative errno.
 */
int policy_await(const char *only)
{
	struct lg lg, events;
	int r = lg_open(&lg);

	if (r < 0)
		return r;
	/* Events first, so that none falls between a look and the sleep after it. */
	r = lg_event_open(&events);
	if (r == 0) {
		r = await(&lg, &events, only);
		lg_close(&events);
	}
	lg_close(&lg);
	return r;
}
