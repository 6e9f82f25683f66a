// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Old tables and the history are stored by a process of its own: /var may be full,
 * frozen, or on a disk that does not answer, and no filesystem is to wait for that.
 * A table that could not be stored stays with the module, which tells everybody.
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "backup.h"
#include "metrics.h"
#include "nl_disk.h"
#include "store.h"
#include "storer.h"
#include "util.h"

/* Nobody tells when there is space again; each time it takes twice as long. */
#define RETRY_MS 10000
#define RETRY_MAX_MS 3600000

/* Since the module's last event: what grows has the disks for itself. */
#define QUIET_MS 1000

/* What a process could not do, in its exit status. */
enum { TABLES_LEFT = 1 << 0, HISTORY_LEFT = 1 << 1 };

/* By a connection of its own, as the daemon goes on meanwhile. */
static bool tables_store(int dir)
{
	bool stored = true;
	struct record *disks;
	struct lg lg;
	size_t n;
	int r = lg_open(&lg);

	/* Without a module there are none. */
	if (r < 0)
		return r == -ENOENT;
	if (lg_disk_dump(&lg, &disks, &n) < 0) {
		lg_close(&lg);
		return false;
	}
	for (size_t i = 0; i < n; i++)
		if (disks[i].backups)
			stored &= backup_store(&lg, dir, &disks[i]) == 0;
	free(disks);
	lg_close(&lg);
	return stored;
}

/* Old numbers tell their age by themselves: what fails is not tried again before the next event. */
static void metrics_store(const char *path)
{
	int r = metrics_file(path);

	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot write the metrics: %s", path, strerror(-r));
}

/*
 * The module is told of a store that cannot be made, too. The metrics are written while the
 * store is this process's alone: those of a daemon that ends and of the next one do not meet.
 */
static int all_store(struct storer *s)
{
	int dir = store_make();
	int left = tables_store(dir) ? 0 : TABLES_LEFT;
	int r = dir < 0 ? dir : chronicle_store(&s->chronicle, dir);

	if (r < 0) {
		left |= HISTORY_LEFT;
		if (!s->told)
			log_line(LOG_WARNING, "cannot add to the history in " STORE_DIR ": %s",
				 strerror(-r));
	}
	if (s->metrics)
		metrics_store(s->metrics);
	if (dir >= 0)
		close(dir);
	return left;
}

static void not_before(struct storer *s, int ms)
{
	int64_t at = now_ms() + ms;

	if (s->due_at < at)
		s->due_at = at;
}

static void retry(struct storer *s)
{
	s->retry_ms = s->retry_ms ? 2 * s->retry_ms : RETRY_MS;
	if (s->retry_ms > RETRY_MAX_MS)
		s->retry_ms = RETRY_MAX_MS;
	not_before(s, s->retry_ms);
}

/** storer_hint() - the module came, went or is busy: its disks are left alone yet. */
void storer_hint(struct storer *s)
{
	s->news = s->metrics != NULL;
	not_before(s, QUIET_MS);
}

static void wait_for_end(int pidfd)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };

	while (poll(&fd, 1, -1) < 0 && errno == EINTR)
		;
}

/* The new one stores when the one before it, if there is one, has ended. */
static int start(struct storer *s)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		if (s->pidfd >= 0)
			wait_for_end(s->pidfd);
		close_range(STDERR_FILENO + 1, ~0U, 0);
		_exit(all_store(s));
	}
	s->n_taken = s->chronicle.n;
	s->news = false;
	if (s->pidfd >= 0)
		close(s->pidfd);
	s->pidfd = pidfd_open(pid, 0);
	return s->pidfd < 0 ? -errno : 0;
}

/** storer_has() - whether there is anything to store besides the module's old tables. */
bool storer_has(const struct storer *s)
{
	return s->chronicle.n || s->news;
}

/**
 * storer_want() - begin to store all old tables that the module keeps, when it is time
 * @s: the process
 * @wanted: there are some, and nothing else stands against it
 *
 * Returns 0 or a negative errno.
 */
int storer_want(struct storer *s, bool wanted)
{
	int r;

	s->wanted = wanted && s->pidfd < 0;
	if (!s->wanted || now_ms() < s->due_at)
		return 0;
	r = start(s);
	s->wanted = r < 0;
	if (r < 0)
		retry(s);
	return r;
}

/** storer_take() - take the process's end, if it has ended; never waits. */
void storer_take(struct storer *s)
{
	siginfo_t info = { 0 };

	if (s->pidfd < 0 ||
	    (waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED | WNOHANG) == 0 && !info.si_pid))
		return;
	close(s->pidfd);
	s->pidfd = -1;
	s->told = info.si_code == CLD_EXITED && info.si_status & HISTORY_LEFT;
	if (info.si_code == CLD_EXITED && !s->told)
		chronicle_drop(&s->chronicle, s->n_taken);
	if (info.si_code != CLD_EXITED || info.si_status)
		retry(s);
	else
		s->retry_ms = 0;
}

/**
 * storer_close() - leave what is there to a last process, and forget it
 * @s: the process; one that is under way finishes by itself
 *
 * The daemon is no longer alive by now, which that process tells in the metrics. What the
 * one before it has added to the history is not added twice.
 */
void storer_close(struct storer *s)
{
	if (s->metrics || s->chronicle.n)
		start(s);
	if (s->pidfd >= 0)
		close(s->pidfd);
	s->pidfd = -1;
	chronicle_clear(&s->chronicle);
}

/** storer_patience() - milliseconds until storer_want() has something to do; -1 for never. */
int storer_patience(const struct storer *s)
{
	int64_t left = s->due_at - now_ms();

	if (!s->wanted)
		return -1;
	return left > 0 ? (int)left : 0;
}
