// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A filesystem grows in a process of its own.
 *
 * On a frozen one (fsfreeze, each snapshot by qemu-guest-agent) the ioctl waits
 * for the thaw, and no signal ends that: whoever calls it must not be needed
 * for anything else. Forked, and nothing is executed.
 */

#include <errno.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "grower.h"
#include "process.h"
#include "util.h"

static enum grower_end grow(const char *disk, const struct fs *fs, grower_tell_fn tell,
			    pid_t parent)
{
	struct fs_grown grown;
	char text[FOLLOW_TEXT];
	bool reported;
	int r = follow_fs(disk, fs, &grown, &reported);

	if (r == 0 && grown.after.size <= grown.before.size)
		return GROWER_UNCHANGED;
	follow_words(fs, &grown, r, text);
	/* Who would hear of it may be gone since: a frozen filesystem takes its time. */
	tell(r, text, reported && getppid() == parent);
	if (r == -EINPROGRESS)
		return GROWER_BUSY;
	return r < 0 || ferror(stdout) ? GROWER_FAILED : GROWER_GROWN;
}

/**
 * grower_start() - begin to grow a filesystem to its device
 * @disk: the disk's name
 * @fs: of fs_open(), its mountpoint open; the caller may close its own at once
 * @tell: called in the process when the filesystem has grown or could not
 * @ret: receives the process; its end is to be taken by grower_ended()
 *
 * Signals that the caller blocks stay blocked: a process that is left alone
 * ends its work.
 *
 * Returns 0 or a negative errno.
 */
int grower_start(const char *disk, const struct fs *fs, grower_tell_fn tell, struct grower *ret)
{
	pid_t pid, parent = getpid();
	struct grower g = {
		.dev = fs->volume.dev,
		.size = fs->volume.size,
		.since = now_ms(),
	};

	follow_what(fs, g.what);
	/* Or the process had the same lines to write. */
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid) {
		process_keep(fs->place.fd);
		_exit(grow(disk, fs, tell, parent));
	}
	g.pidfd = pidfd_open(pid, 0);
	if (g.pidfd < 0)
		return -errno;
	*ret = g;
	return 0;
}

/** grower_patience() - milliseconds until grower_tell_late() is due; -1 for never. */
int grower_patience(const struct grower *g)
{
	int64_t left = g->since + GROWER_PATIENCE_MS - now_ms();

	if (g->told)
		return -1;
	return left > 0 ? (int)left : 0;
}

/** grower_tell_late() - say, once and when it is due, that a process does not end. */
void grower_tell_late(struct grower *g)
{
	if (grower_patience(g))
		return;
	g->told = true;
	log_line(LOG_WARNING, "%s does not answer; is it frozen? If so, it grows once thawed",
		 g->what);
}

/**
 * grower_ended() - take a process's end, without waiting for it
 * @g: the process; it is no more after true
 * @ret: receives how it ended, where it did
 */
bool grower_ended(struct grower *g, enum grower_end *ret)
{
	siginfo_t info = { 0 };

	if (waitid(P_PIDFD, (id_t)g->pidfd, &info, WEXITED | WNOHANG) == 0 && !info.si_pid)
		return false;
	close(g->pidfd);
	*ret = GROWER_FAILED;
	if (info.si_code == CLD_EXITED && info.si_status <= GROWER_FAILED)
		*ret = (enum grower_end)info.si_status;
	else
		log_line(LOG_ERR, "%s: the process that grows it was killed", g->what);
	return true;
}
