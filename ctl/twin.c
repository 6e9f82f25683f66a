// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two disks of one GUID, as a copy that is attached beside its original. What is kept of
 * disks is kept by their GUIDs: which of it is whose cannot be told then.
 */

#include <stdlib.h>
#include <string.h>

#include "disks.h"
#include "table.h"
#include "twin.h"

static bool has_guid(const char *disk, const char *guid)
{
	struct table table;
	struct volume v;
	uint32_t lba_size;
	bool has;

	if (volume_read(disk, &v) < 0 || table_of_disk(&v, &table, &lba_size) < 0)
		return false;
	has = !strcmp(table.guid, guid);
	free(table.bytes);
	return has;
}

/**
 * twin_find() - another disk of the same GUID
 * @disk: the disk's name
 * @guid: its GUID
 * @ret: receives the other's name
 *
 * Returns whether there is one. It reads the table of every disk that has a driver.
 */
bool twin_find(const char *disk, const char *guid, char ret[NAME_SIZE])
{
	struct record *disks;
	bool found = false;
	size_t n;

	if (disks_without_module(NULL, &disks, &n) < 0)
		return false;
	for (size_t i = 0; i < n && !found; i++) {
		found = strcmp(disks[i].disk, disk) && has_guid(disks[i].disk, guid);
		if (found)
			memcpy(ret, disks[i].disk, NAME_SIZE);
	}
	free(disks);
	return found;
}
