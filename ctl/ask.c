// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk that was rolled back stays in mode ask, over reboots and reloads of the module. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "ask.h"
#include "nl_disk.h"
#include "store.h"

#define SETTINGS "/etc/default/growctl"
#define INITRAMFS "INITRAMFS="

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
 * @disk: the disk's name
 * @ret_guid: receives that; "" where it cannot be read
 *
 * Where it may be, and what would tell cannot be read, it is. Without root it is not.
 */
bool ask_kept(const char *disk, char ret_guid[GUID_SIZE])
{
	struct volume v;
	struct table table;
	uint32_t lba_size;
	int dir = store_open();
	bool kept = false;
	int r = -ENOENT;

	ret_guid[0] = '\0';
	if (dir < 0)
		return dir == -EIO;
	/* No disk is read for nothing: one may not answer. */
	if (store_ask_any(dir) && volume_read(disk, &v) == 0)
		r = table_of_disk(&v, &table, &lba_size);
	if (r == 0) {
		kept = store_ask_have(dir, table.guid);
		memcpy(ret_guid, table.guid, GUID_SIZE);
		free(table.bytes);
	}
	close(dir);
	return kept || r == -EIO;
}

static bool is_yes(const char *value)
{
	value += *value == '"' || *value == '\'';
	return !strncmp(value, "yes", 3) && !isalnum((unsigned char)value[3]);
}

/**
 * ask_has_copy() - whether the initramfs has growctl and a copy of what is kept
 *
 * That is as the hook of initramfs-tools reads the settings, which a shell does.
 */
bool ask_has_copy(void)
{
	FILE *file = fopen(SETTINGS, "re");
	char *line = NULL;
	size_t size = 0;
	bool has = false;

	if (!file)
		return false;
	while (getline(&line, &size, file) > 0)
		if (!strncmp(line, INITRAMFS, strlen(INITRAMFS)))
			has = is_yes(line + strlen(INITRAMFS));
	free(line);
	fclose(file);
	return has;
}
