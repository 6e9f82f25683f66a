// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl daemon: filesystems follow their disks.
 *
 * Whatever wakes it is only a hint; each time it compares all there is. Idle,
 * it waits in one poll() without a timeout. Without the module it waits for
 * the module. What may wait for long is not done here, but by growers.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/capability.h>

#include "absent.h"
#include "again.h"
#include "alive.h"
#include "cmd.h"
#include "conf.h"
#include "growers.h"
#include "hold.h"
#include "journal.h"
#include "mounts.h"
#include "nl_event.h"
#include "notify.h"
#include "pass.h"
#include "rest.h"
#include "signals.h"
#include "storer.h"
#include "util.h"

/* So long a boot waits for the looks that the module has under way. */
#define READY_MS 10000

struct daemon {
	int signals;
	int mounts;
	struct lg families, events, requests;
	struct memory memory;
	struct growers growers;
	struct conf conf;
	struct storer storer;
	int alive;
	bool ready;
	int64_t ready_by;
};

static void disconnect(struct daemon *d)
{
	lg_close(&d->events);
	lg_close(&d->requests);
	memory_clear(&d->memory);
}

/* It is no error: the module may be loaded later, which its family tells. */
static void wait_for_module(void)
{
	char why[ABSENT_TEXT];

	log_line(LOG_WARNING, "%s; waiting for it", absent_why(why));
	notify("STATUS=Waiting for the livegrow module");
}

static void on_past(const struct record *event, void *arg)
{
	struct daemon *d = arg;

	chronicle_hear(&d->storer.chronicle, event);
}

/* Heard first and asked then, nothing in between is missed. */
static void past_take(struct daemon *d)
{
	int r = lg_event_past(on_past, d);

	if (r < 0)
		log_line(LOG_WARNING, "cannot ask what happened before: %s", strerror(-r));
	chronicle_past_end(&d->storer.chronicle);
}

static int connect_module(struct daemon *d)
{
	int r;

	disconnect(d);
	r = lg_event_open(&d->events);
	if (r == 0)
		r = lg_open(&d->requests);
	if (r < 0)
		disconnect(d);
	if (r == -ENOENT) {
		wait_for_module();
		return 0;
	}
	if (r == 0) {
		past_take(d);
		log_line(LOG_INFO, "connected to the livegrow module");
		notify("STATUS=Following disks");
	}
	return r;
}

/* Nothing that grows shares the disks with it, save what does not answer. */
static void store(struct daemon *d, const struct pass_news *news)
{
	int r = storer_want(&d->storer, (news->unstored || storer_has(&d->storer)) &&
						news->settled && growers_patience(&d->growers) < 0);

	if (r < 0)
		log_line(LOG_WARNING,
			 "cannot start a process to store old tables and the history: %s",
			 strerror(-r));
}

static void on_event(const struct record *event, void *arg)
{
	struct daemon *d = arg;

	journal_event(event);
	chronicle_hear(&d->storer.chronicle, event);
	again_hint(&d->memory, event);
	storer_hint(&d->storer);
}

static int events_take(struct daemon *d)
{
	int r = lg_event_recv(&d->events, on_event, d);

	if (r != -ENOBUFS)
		return r;
	log_line(LOG_NOTICE, "events of the module were lost; all disks are compared");
	past_take(d);
	return 0;
}

static void compare(struct daemon *d)
{
	struct pass_news news = { .settled = true };
	int r;

	growers_take(&d->growers, &d->memory);
	storer_take(&d->storer);
	/* What a process reported before its end is told before anybody hears that all is done. */
	r = d->events.sock ? events_take(d) : 0;
	if (r < 0)
		log_line(LOG_WARNING, "cannot hear of events: %s", strerror(-r));
	r = 0;
	if (d->requests.sock)
		r = pass(&d->requests, &d->memory, &d->growers, &d->conf, &news);
	/* A module that just went is told by its family; else the next hint tries anew. */
	if (r < 0 && r != -ENOENT)
		log_line(LOG_WARNING, "cannot list the disks: %s", lg_why(&d->requests, r));
	store(d, &news);
	if (d->growers.n)
		news.settled = false;
	if (d->ready || (!news.settled && now_ms() < d->ready_by))
		return;
	d->ready = true;
	notify("READY=1");
}

static void conf_errors_tell(const struct conf *conf)
{
	char text[CONF_ERROR_TEXT];

	for (size_t i = 0; i < conf->n_errors; i++)
		log_line(LOG_ERR, "%s", conf_error_text(&conf->errors[i], text));
}

/* Where it cannot be read at all, what was read before goes on to hold. */
static int conf_take(struct daemon *d)
{
	struct conf conf;
	int r = conf_read("", &conf);

	if (r < 0) {
		log_line(LOG_ERR, "cannot read the configuration: %s", strerror(-r));
		return r;
	}
	conf_errors_tell(&conf);
	r = hold_write(&conf);
	if (r < 0)
		log_line(LOG_WARNING, "cannot have a module that is loaded later wait: %s",
			 strerror(-r));
	conf_free(&d->conf);
	d->conf = conf;
	memory_disk_rejudge(&d->memory);
	return 0;
}

/* RELOADING and READY are for who waits for the reload's end. Returns 1 after another signal. */
static int signal_take(struct daemon *d)
{
	int signal = signals_take(d->signals);

	if (signal != SIGHUP)
		return signal ? 1 : 0;
	notify("RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_ms() * 1000);
	conf_take(d);
	again_all(&d->memory);
	compare(d);
	if (d->ready)
		notify("READY=1");
	return 0;
}

static int families_take(struct daemon *d)
{
	enum lg_family_news news;
	int r = lg_family_recv(&d->families, &news);

	if (r < 0 || news == LG_FAMILY_SAME)
		return r;
	storer_hint(&d->storer);
	if (news == LG_FAMILY_CAME)
		return connect_module(d);
	disconnect(d);
	log_line(LOG_NOTICE, "livegrow module was unloaded; waiting for it");
	notify("STATUS=Waiting for the livegrow module");
	return 0;
}

/* Of two times in milliseconds; -1 is never. */
static int sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

static int timeout(const struct daemon *d)
{
	int tasks = sooner(growers_patience(&d->growers), storer_patience(&d->storer));
	int patience = sooner(tasks, again_patience(&d->memory));
	int64_t left = d->ready_by - now_ms();

	return d->ready ? patience : sooner(patience, left > 0 ? (int)left : 0);
}

/* Returns 1 after a signal that ends it. */
static int wait_for_hint(struct daemon *d)
{
	struct pollfd fds[] = {
		{ .fd = d->signals, .events = POLLIN },
		{ .fd = d->mounts, .events = POLLPRI },
		{ .fd = lg_fd(&d->events), .events = POLLIN },
		{ .fd = lg_fd(&d->families), .events = POLLIN },
		{ .fd = d->growers.epoll, .events = POLLIN },
		{ .fd = d->storer.pidfd, .events = POLLIN },
	};
	int r = 0;

	rest();
	if (poll(fds, ARRAY_SIZE(fds), timeout(d)) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[0].revents)
		return signal_take(d);
	if (fds[2].revents)
		r = events_take(d);
	if (r == 0 && fds[3].revents)
		r = families_take(d);
	return r;
}

/*
 * Both the module's requests and the grow ioctls take it: without it a daemon
 * would be ready and never do anything. glibc has no call for capget().
 */
static bool is_permitted(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &head, caps) == 0 &&
	       caps[CAP_TO_INDEX(CAP_SYS_ADMIN)].effective & CAP_TO_MASK(CAP_SYS_ADMIN);
}

static int open_all(struct daemon *d)
{
	int r;

	/* Whoever finds it alive may send SIGHUP, and else relies on it to read what is there. */
	d->signals = signals_open(SIGHUP);
	if (d->signals < 0)
		return d->signals;
	/* Where /run does not take it, doctor alone is at a loss. */
	d->alive = alive_begin();
	if (d->alive == -EBUSY)
		return d->alive;
	r = conf_take(d);
	if (r < 0)
		return r;
	r = growers_open(&d->growers);
	if (r < 0)
		return r;
	d->mounts = mounts_watch();
	if (d->mounts < 0)
		return d->mounts;
	r = lg_family_open(&d->families);
	return r < 0 ? r : connect_module(d);
}

static void close_all(struct daemon *d)
{
	disconnect(d);
	growers_close(&d->growers);
	conf_free(&d->conf);
	lg_close(&d->families);
	if (d->mounts >= 0)
		close(d->mounts);
	if (d->signals >= 0)
		close(d->signals);
	if (d->alive >= 0)
		close(d->alive);
	storer_close(&d->storer);
}

/** cmd_daemon() - let filesystems follow their disks until a signal; returns an exit code. */
int cmd_daemon(const struct options *opt)
{
	struct daemon d = {
		.signals = -1, .mounts = -1, .alive = -1, .growers.epoll = -1, .storer.pidfd = -1
	};
	int r;

	(void)opt;
	if (!is_permitted()) {
		log_line(LOG_ERR, "the daemon takes CAP_SYS_ADMIN; run it as root, or by: "
				  "systemctl start growctl");
		return EXIT_FAILED;
	}
	d.ready_by = now_ms() + READY_MS;
	d.storer.metrics = getenv("METRICS");
	storer_hint(&d.storer);
	r = open_all(&d);
	while (r == 0) {
		compare(&d);
		r = wait_for_hint(&d);
	}
	notify("STOPPING=1");
	close_all(&d);
	if (r > 0)
		return EXIT_DONE;
	log_line(LOG_ERR, "the daemon ends: %s",
		 d.alive == -EBUSY ? "another one runs" : strerror(-r));
	return EXIT_FAILED;
}
