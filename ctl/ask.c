// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk that was rolled back stays in mode ask, over reboots and reloads of the module. */

#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "ask.h"
#include "nl_disk.h"
#include "store.h"

/** ask_kept() - whether it is kept of a disk, by the GUID that it has now. */
bool ask_kept(const char *disk)
{
	struct volume v;
	struct table table;
	uint32_t lba_size;
	int dir = store_open();
	bool kept = false;

	if (dir < 0)
		return false;
	/* No disk is read for nothing: one may not answer. */
	if (store_ask_any(dir) && volume_read(disk, &v) == 0 &&
	    table_of_disk(&v, &table, &lba_size) == 0) {
		kept = store_ask_have(dir, table.guid);
		free(table.bytes);
	}
	close(dir);
	return kept;
}

/**
 * ask_set() - set a disk to mode ask, and say so
 * @lg: the connection
 * @disk: its name
 *
 * What cannot be set is mode ask all the same to the caller.
 *
 * Returns the mode: enum livegrow_mode.
 */
uint32_t ask_set(struct lg *lg, const char *disk)
{
	int r = lg_disk_set(lg, disk, LIVEGROW_MODE_ASK, NULL, 0);

	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot set it to mode ask: %s", disk, lg_why(lg, r));
	else
		log_line(LOG_INFO, "%s: was rolled back: mode ask", disk);
	return LIVEGROW_MODE_ASK;
}
