// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A partition goes back under a frozen filesystem.
 *
 * A grow ioctl under way ends before the freeze does, one that comes later
 * waits for the thaw; in between the filesystem's size is what it is. Nobody
 * must be left with a filesystem that stays frozen, so the work is done by a
 * process of its own, in a session of its own: it goes on to the thaw whatever
 * becomes of the command. Where that process is killed, the command thaws.
 *
 * Everything may lie on the frozen filesystem, which may be the root's: between
 * freeze and thaw nothing is printed, and nothing is written to a file.
 */

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/fs.h>

#include "frozen.h"

/**
 * struct shared - what the two processes both see
 * @frozen: it is, or may be at any moment; whoever finds itself alone thaws it
 * @err: how it ended; -EINTR until it has
 */
struct shared {
	atomic_bool frozen;
	int err;
	struct frozen_result result;
};

struct section {
	struct look look;
	const struct fs *fs;
	const struct rollback *back;
	struct shared *shared;
};

static int fail(struct section *s, int err, const char *why)
{
	snprintf(s->shared->result.why, FROZEN_WHY, "%s", why);
	return err;
}

static int under_freeze(struct section *s)
{
	struct fs_facts facts;
	int r = fs_facts_read(s->fs, &facts);

	if (r < 0)
		return fail(s, r, strerror(-r));
	if (facts.size > s->back->size)
		return fail(s, -EFBIG, "it has grown meanwhile");
	r = look_rollback(&s->look, s->back, 0, &s->shared->result.after);
	return r < 0 ? fail(s, r, lg_why(s->look.lg, r)) : 0;
}

static int freeze_and_thaw(struct section *s)
{
	int fd = s->fs->place.fd, r;

	atomic_store(&s->shared->frozen, true);
	if (ioctl(fd, FIFREEZE, 0) < 0) {
		r = -errno;
		atomic_store(&s->shared->frozen, false);
		return fail(s, r,
			    r == -EBUSY ? "it is frozen already; wait until it is thawed" :
					  strerror(-r));
	}
	r = under_freeze(s);
	if (ioctl(fd, FITHAW, 0) < 0 && r == 0)
		r = fail(s, -errno, "somebody else thawed it meanwhile");
	atomic_store(&s->shared->frozen, false);
	return r;
}

static int connected(struct section *s, int (*run)(struct section *s))
{
	struct lg lg, events;
	int r = look_open(&s->look, &lg, &events);

	if (r < 0)
		return fail(s, r, strerror(-r));
	r = run(s);
	look_close(&s->look);
	return r;
}

/* Another name, so that who kills all of growctl's processes by name leaves this one. */
static void stand_alone(void)
{
	setsid();
	prctl(PR_SET_NAME, "growctl-frozen");
	/* Without the permission it is as good as it gets. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
}

/* A rollback that was asked for may be under way still: the looks at a disk come one by one. */
static int looks_wait(struct section *s)
{
	struct record after;

	return look_ask(&s->look, 0, &after);
}

static int wait_end(struct section *s, pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (s->shared->err != -EINTR)
		return s->shared->err;
	if (atomic_load(&s->shared->frozen)) {
		connected(s, looks_wait);
		ioctl(s->fs->place.fd, FITHAW, 0);
	}
	return fail(s, -EINTR, "the process that froze it was killed; it is thawed");
}

static int run(struct section *s)
{
	sigset_t all, old;
	pid_t pid;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		stand_alone();
		s->shared->err = connected(s, freeze_and_thaw);
		_exit(0);
	}
	r = pid < 0 ? fail(s, -errno, strerror(errno)) : wait_end(s, pid);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return r;
}

/**
 * frozen_rollback() - freeze a filesystem, roll its partition back, thaw it
 * @disk: the disk's name
 * @fs: the filesystem on its last partition, its mountpoint open
 * @back: what to go back to
 * @ret: receives how it ended
 *
 * Nothing is written where the filesystem reaches further than @back. Signals
 * wait until it is over. The caller keeps standard output and error from being
 * used meanwhile by doing nothing else.
 *
 * Returns 0 when the look has ended, whatever it found, or a negative errno.
 */
int frozen_rollback(const char *disk, const struct fs *fs, const struct rollback *back,
		    struct frozen_result *ret)
{
	struct section s = {
		.look = { .disk = disk },
		.fs = fs,
		.back = back,
	};
	int r;

	*ret = (struct frozen_result){ 0 };
	s.shared = mmap(NULL, sizeof(*s.shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (s.shared == MAP_FAILED) {
		snprintf(ret->why, sizeof(ret->why), "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	s.shared->err = -EINTR;
	r = run(&s);
	*ret = s.shared->result;
	munmap(s.shared, sizeof(*s.shared));
	return r;
}
