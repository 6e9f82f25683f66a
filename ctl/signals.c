// SPDX-License-Identifier: GPL-2.0-or-later
/* SIGINT and SIGTERM as something to poll. */

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

#include "signals.h"

/**
 * signals_open() - from now on SIGINT and SIGTERM are told by a descriptor
 *
 * Returns the descriptor, readable once one came, or a negative errno.
 */
int signals_open(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
