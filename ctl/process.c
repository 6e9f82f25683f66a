// SPDX-License-Identifier: GPL-2.0-or-later
/* What processes of the daemon have in common that may take longer than it. */

#include <stdio.h>
#include <unistd.h>

#include "process.h"

/**
 * process_keep() - close whatever the parent has open but one file and the three standard ones
 * @fd: of that file, above these
 *
 * Its sockets, its lock and other disks stay not open for as long as the process takes.
 */
void process_keep(int fd)
{
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, ~0U, 0);
}
