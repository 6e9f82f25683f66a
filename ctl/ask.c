// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk that was rolled back stays in mode ask, over reboots and reloads of the module. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "ask.h"
#include "nl_disk.h"
#include "store.h"

/** ask_any() - whether it may be kept of any disk; no disk is read for that. */
bool ask_any(void)
{
	int dir = store_open();
	bool any;

	if (dir < 0)
		return dir == -EIO;
	any = store_ask_any(dir);
	close(dir);
	return any;
}

/**
 * ask_kept() - whether it is kept of a disk, by the GUID that it has now
 *
 * Where it may be, and what would tell cannot be read, it is. Without root it is not.
 */
bool ask_kept(const char *disk)
{
	struct volume v;
	struct table table;
	uint32_t lba_size;
	int dir = store_open();
	bool kept = false;
	int r = -ENOENT;

	if (dir < 0)
		return dir == -EIO;
	/* No disk is read for nothing: one may not answer. */
	if (store_ask_any(dir) && volume_read(disk, &v) == 0)
		r = table_of_disk(&v, &table, &lba_size);
	if (r == 0) {
		kept = store_ask_have(dir, table.guid);
		free(table.bytes);
	}
	close(dir);
	return kept || r == -EIO;
}
