// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Old tables are stored by a process of its own: /var may be full, frozen, or
 * on a disk that does not answer, and no filesystem is to wait for that. What
 * could not be stored stays with the module, which tells everybody.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "backup.h"
#include "nl_disk.h"
#include "store.h"
#include "storer.h"
#include "util.h"

/* Nobody tells when there is space again. */
#define RETRY_MS 10000

/* Since the module's last event: what grows has the disks for itself. */
#define QUIET_MS 1000

/* By a connection of its own, as the daemon goes on meanwhile. */
static bool all_store(void)
{
	bool stored = true;
	struct record *disks;
	struct lg lg;
	size_t n;
	int dir;

	if (lg_open(&lg) < 0)
		return false;
	if (lg_disk_dump(&lg, &disks, &n) < 0) {
		lg_close(&lg);
		return false;
	}
	dir = store_make();
	for (size_t i = 0; i < n; i++)
		if (disks[i].backups)
			stored &= backup_store(&lg, dir, &disks[i]) == 0;
	if (dir >= 0)
		close(dir);
	free(disks);
	lg_close(&lg);
	return stored;
}

static void not_before(struct storer *s, int ms)
{
	int64_t at = now_ms() + ms;

	if (s->due_at < at)
		s->due_at = at;
}

/** storer_hint() - the module has something under way: its disks are left alone yet. */
void storer_hint(struct storer *s)
{
	not_before(s, QUIET_MS);
}

static int start(struct storer *s)
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		_exit(all_store() ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	s->pidfd = pidfd_open(pid, 0);
	return s->pidfd < 0 ? -errno : 0;
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
		not_before(s, RETRY_MS);
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
	if (info.si_code != CLD_EXITED || info.si_status != EXIT_SUCCESS)
		not_before(s, RETRY_MS);
}

/** storer_patience() - milliseconds until storer_want() has something to do; -1 for never. */
int storer_patience(const struct storer *s)
{
	int64_t left = s->due_at - now_ms();

	if (!s->wanted)
		return -1;
	return left > 0 ? (int)left : 0;
}
