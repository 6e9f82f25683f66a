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

/** storer_due() - whether old tables, if there are any, are to be stored now. */
bool storer_due(const struct storer *s)
{
	return s->pidfd < 0 && (!s->failed || now_ms() >= s->retry_at);
}

/**
 * storer_start() - begin to store all old tables that the module keeps
 * @s: none is running
 *
 * Returns 0 or a negative errno.
 */
int storer_start(struct storer *s)
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

/** storer_take() - take the process's end, if it has ended; never waits. */
void storer_take(struct storer *s)
{
	siginfo_t info = { 0 };

	if (s->pidfd < 0 ||
	    (waitid(P_PIDFD, (id_t)s->pidfd, &info, WEXITED | WNOHANG) == 0 && !info.si_pid))
		return;
	close(s->pidfd);
	s->pidfd = -1;
	s->failed = info.si_code != CLD_EXITED || info.si_status != EXIT_SUCCESS;
	s->retry_at = now_ms() + RETRY_MS;
}

/** storer_patience() - milliseconds until what failed is tried again; -1 for never. */
int storer_patience(const struct storer *s)
{
	int64_t left = s->retry_at - now_ms();

	if (s->pidfd >= 0 || !s->failed)
		return -1;
	return left > 0 ? (int)left : 0;
}
