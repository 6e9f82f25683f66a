// SPDX-License-Identifier: GPL-2.0-or-later
/* The daemon is to read the configuration anew. */

#include <errno.h>
#include <signal.h>

#include "alive.h"
#include "reload.h"

/**
 * policy_reload() - have the daemon read the configuration anew
 *
 * Returns 1, 0 where no daemon runs, which would read it when it starts, -EOPNOTSUPP where
 * one runs that knows of no configuration, or another negative errno.
 */
int policy_reload(void)
{
	pid_t pid;
	int r = alive_pid(&pid);

	if (r == 0 && kill(pid, SIGHUP) < 0)
		r = -errno;
	if (r == -ESRCH)
		return 0;
	return r < 0 ? r : 1;
}
