// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two disks of one GUID, as a copy that is attached beside its original. What is kept of
 * disks is kept by their GUIDs: which of it is whose cannot be told then.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysmacros.h>

#include "disks.h"
#include "sysfs.h"
#include "table.h"
#include "twin.h"

/* Room for a line of udev's that is of interest. */
#define LINE_TEXT 128

/* As udev has found it: a disk that does not answer has nobody wait. -ENOENT where there is no udev. */
static int guid_by_udev(const struct volume *v, char ret[GUID_SIZE])
{
	char path[64], line[LINE_TEXT];
	FILE *file;

	snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", major(v->dev), minor(v->dev));
	file = fopen(path, "re");
	if (!file)
		return -errno;
	ret[0] = '\0';
	while (!ret[0] && fgets(line, sizeof(line), file))
		sscanf(line, "E:ID_PART_TABLE_UUID=%36s", ret);
	fclose(file);
	return 0;
}

static int guid_by_table(const struct volume *v, char ret[GUID_SIZE])
{
	struct table table;
	uint32_t lba_size;
	int r = table_of_disk(v, &table, &lba_size);

	if (r < 0)
		return r;
	memcpy(ret, table.guid, GUID_SIZE);
	free(table.bytes);
	return 0;
}

/* Not what has no partitions, nor what is part of something larger, as a mirror or a path is. */
static bool has_guid(const char *disk, const char *guid)
{
	char found[GUID_SIZE];
	struct volume v;

	if (volume_read(disk, &v) < 0 || volume_is_linked(disk, "holders") ||
	    !disk_has_partitions(disk))
		return false;
	if (guid_by_udev(&v, found) < 0 && guid_by_table(&v, found) < 0)
		return false;
	return !strcasecmp(found, guid);
}

/**
 * twin_find() - another disk of the same GUID
 * @disk: the disk's name
 * @guid: its GUID
 * @ret: receives the other's name
 *
 * Returns whether there is one.
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
