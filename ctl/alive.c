// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a daemon runs: it keeps a lock for as long as it lives. Of a second lock, of the
 * process and not of the open file, the kernel tells whose it is; a number that is written
 * down may be a dead daemon's.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "alive.h"

#define LOCK "/run/growctl.lock"

/* Which byte of the file each lock is on. */
enum { BYTE_ALIVE, BYTE_PID };

static int lock(int fd, int command, off_t byte, struct flock *ret)
{
	*ret = (struct flock){
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};
	return fcntl(fd, command, ret) < 0 ? -errno : 0;
}

/**
 * alive_begin() - this process is the daemon from now on
 *
 * It is so no longer when it closes any descriptor of that file.
 *
 * Returns a descriptor that is to stay open, -EBUSY where another one runs, or another
 * negative errno.
 */
int alive_begin(void)
{
	int r, fd = open(LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct flock l;

	if (fd < 0)
		return -errno;
	r = lock(fd, F_OFD_SETLK, BYTE_ALIVE, &l);
	if (r == 0)
		r = lock(fd, F_SETLK, BYTE_PID, &l);
	if (r == 0)
		return fd;
	close(fd);
	return r == -EAGAIN || r == -EACCES ? -EBUSY : r;
}

static int alive_open(void)
{
	int fd = open(LOCK, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

static bool is_locked(int fd)
{
	struct flock l;

	return lock(fd, F_OFD_GETLK, BYTE_ALIVE, &l) == 0 && l.l_type != F_UNLCK;
}

/** alive_daemon() - whether a daemon runs; also false where that cannot be told. */
bool alive_daemon(void)
{
	int fd = alive_open();
	bool is;

	if (fd < 0)
		return false;
	is = is_locked(fd);
	close(fd);
	return is;
}

/**
 * alive_pid() - the process that the daemon is
 * @ret: receives its number
 *
 * Not for the daemon itself: see alive_begin().
 *
 * Returns 0, -ESRCH where none runs, -EOPNOTSUPP where one does that does not tell, as
 * those before growctl had a configuration did not, or another negative errno.
 */
int alive_pid(pid_t *ret)
{
	int r, fd = alive_open();
	struct flock l;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	r = is_locked(fd) ? lock(fd, F_GETLK, BYTE_PID, &l) : -ESRCH;
	close(fd);
	if (r < 0)
		return r;
	if (l.l_type == F_UNLCK || l.l_pid <= 0)
		return -EOPNOTSUPP;
	*ret = l.l_pid;
	return 0;
}
