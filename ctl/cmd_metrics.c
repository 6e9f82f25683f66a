// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl metrics: numbers for machines, once. */

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "cmd.h"
#include "metrics.h"

/** cmd_metrics() - print them; returns an exit code. */
int cmd_metrics(const struct options *opt)
{
	int r = metrics_print(stdout);

	(void)opt;
	if (r < 0)
		log_line(LOG_ERR, "cannot tell the metrics: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}
