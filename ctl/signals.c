// SPDX-License-Identifier: GPL-2.0-or-later
/* Signals as something to poll. */

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "signals.h"

/**
 * signals_open() - from now on SIGINT and SIGTERM are told by a descriptor
 * @more: another signal, or 0
 *
 * Returns the descriptor, readable once one came, or a negative errno.
 */
int signals_open(int more)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (more)
		sigaddset(&set, more);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/** signals_take() - the number of a signal that has come, or 0 where none has. */
int signals_take(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}
