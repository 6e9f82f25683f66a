// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a daemon runs: it keeps a lock for as long as it lives. */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "alive.h"

#define LOCK "/run/growctl.lock"

static int lock(int fd, int command, struct flock *ret)
{
	*ret = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
	return fcntl(fd, command, ret) < 0 ? -errno : 0;
}

/**
 * alive_begin() - this process is the daemon from now on
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
	r = lock(fd, F_OFD_SETLK, &l);
	if (r == 0)
		return fd;
	close(fd);
	return r == -EAGAIN || r == -EACCES ? -EBUSY : r;
}

/** alive_daemon() - whether a daemon runs; also false where that cannot be told. */
bool alive_daemon(void)
{
	int fd = open(LOCK, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct flock l;
	bool is;

	if (fd < 0)
		return false;
	is = lock(fd, F_OFD_GETLK, &l) == 0 && l.l_type != F_UNLCK;
	close(fd);
	return is;
}
