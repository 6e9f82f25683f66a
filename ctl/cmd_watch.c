// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl watch: events as they happen, until SIGINT or SIGTERM. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "cmd.h"
#include "event_print.h"
#include "nl_event.h"
#include "signals.h"
#include "util.h"

/* More than the module remembers. */
#define PAST_MAX 256

/**
 * struct watch - what is printed
 * @last: number of the newest event that was
 * @past: numbers of those that the module remembered, and that may come once more
 */
struct watch {
	bool json;
	uint32_t last;
	uint32_t past[PAST_MAX];
	size_t n_past;
	int signals;
	struct lg events;
	struct lg families;
};

/*
 * Whoever reads a pipe gets each line at once, and its end ends the watch. The
 * stream is asked too: it forgets a line that it failed to write at its newline.
 */
static int line_end(void)
{
	return fflush(stdout) == EOF || ferror(stdout) ? -EPIPE : 0;
}

static bool was_printed(const struct watch *w, uint32_t seq)
{
	for (size_t i = 0; i < w->n_past; i++)
		if (w->past[i] == seq)
			return true;
	return false;
}

static void print(struct watch *w, const struct record *event)
{
	if ((int32_t)(event->seq - w->last) > 0)
		w->last = event->seq;
	if (w->json)
		event_print_json(event);
	else
		event_print_text(event);
}

static void on_event(const struct record *event, void *arg)
{
	struct watch *w = arg;

	if (!was_printed(w, event->seq))
		print(w, event);
}

/* Numbers wrap around. */
static void on_past(const struct record *event, void *arg)
{
	struct watch *w = arg;

	if (w->n_past == PAST_MAX || (w->last && (int32_t)(event->seq - w->last) <= 0))
		return;
	w->past[w->n_past++] = event->seq;
	print(w, event);
}

/* Without CAP_SYS_ADMIN, only new events are printed. */
static int past_take(struct watch *w)
{
	int r;

	w->n_past = 0;
	r = lg_event_past(on_past, w);
	return r == -EPERM ? 0 : r;
}

/* The numbers of a module that was loaded anew begin anew. */
static int subscribe(struct watch *w)
{
	int r = lg_event_open(&w->events);

	if (r < 0)
		return r;
	w->last = 0;
	r = past_take(w);
	if (r < 0)
		return r;
	event_print_own(w->json, "subscribed", "subscribed");
	return line_end();
}

static int events_take(struct watch *w)
{
	int r = lg_event_recv(&w->events, on_event, w);

	if (r == -ENOBUFS) {
		event_print_own(w->json, "lost",
				"events were lost; those that the module remembers follow");
		r = past_take(w);
	}
	return r < 0 ? r : line_end();
}

static int families_take(struct watch *w)
{
	enum lg_family_news news;
	int r = lg_family_recv(&w->families, &news);

	if (r < 0 || news == LG_FAMILY_SAME)
		return r;
	lg_close(&w->events);
	if (news == LG_FAMILY_CAME) {
		r = subscribe(w);
		return r == -ENOENT ? 0 : r;
	}
	event_print_own(w->json, "unloaded", "the module was unloaded; waiting for it");
	return line_end();
}

static int wait_and_take(struct watch *w, bool *ret_end)
{
	struct pollfd fds[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = lg_fd(&w->events), .events = POLLIN },
		{ .fd = lg_fd(&w->families), .events = POLLIN },
		/* A reader that goes is told as an error, also while nothing happens. */
		{ .fd = STDOUT_FILENO },
	};
	int r = 0;

	if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
		return errno == EINTR ? 0 : -errno;
	*ret_end = fds[0].revents || fds[3].revents & POLLERR;
	if (fds[1].revents)
		r = events_take(w);
	if (r == 0 && fds[2].revents)
		r = families_take(w);
	return r;
}

static int watch(struct watch *w)
{
	bool end = false;
	int r;

	r = lg_family_open(&w->families);
	if (r < 0)
		return r;
	r = subscribe(w);
	while (r == 0 && !end)
		r = wait_and_take(w, &end);
	lg_close(&w->events);
	lg_close(&w->families);
	return r;
}

/** cmd_watch() - print events until a signal; returns an exit code. */
int cmd_watch(const struct options *opt)
{
	struct watch w = { .json = opt->given & OPT_JSON };
	int r;

	w.signals = signals_open(0);
	if (w.signals < 0) {
		log_line(LOG_ERR, "cannot wait for signals: %s", strerror(-w.signals));
		return EXIT_FAILED;
	}
	r = watch(&w);
	close(w.signals);
	/* main() says so for every command. */
	if (ferror(stdout))
		return EXIT_FAILED;
	return r < 0 ? cmd_complain_open(r) : EXIT_DONE;
}
