// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands between a volume and its filesystems, as sysfs tells everybody. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "holder.h"

/* Room for a mapping's UUID, the kernel's DM_UUID_LEN. */
#define UUID_SIZE 129

/* Who makes a mapping has its UUID begin with a word of its own. */
static const struct {
	const char *prefix, *type;
} makers[] = {
	{ "CRYPT-LUKS", "crypto_LUKS" },
	{ "LVM-", "LVM2_member" },
};

static const char *type_of(const char *uuid)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (!strncmp(uuid, makers[i].prefix, strlen(makers[i].prefix)))
			return makers[i].type;
	return "";
}

static int attribute_read(const char *device, const char *file, char *ret, size_t size)
{
	char path[64 + NAME_SIZE];
	int r;

	snprintf(path, sizeof(path), "/sys/class/block/%.47s/dm/%s", device, file);
	r = sysfs_read(AT_FDCWD, path, ret, size);
	if (r == 0)
		ret[strcspn(ret, "\n")] = '\0';
	return r;
}

static int mapping_read(const char *device, struct holder *ret)
{
	char uuid[UUID_SIZE];
	int r = attribute_read(device, "name", ret->name, sizeof(ret->name));

	if (r == 0)
		r = attribute_read(device, "uuid", uuid, sizeof(uuid));
	if (r == 0)
		snprintf(ret->type, sizeof(ret->type), "%s", type_of(uuid));
	return r;
}

/**
 * holder_find() - the first mapping on a volume
 * @volume: the partition or disk
 * @ret: receives it
 *
 * Returns 0, -ENOENT where there is none, or another negative errno.
 */
int holder_find(const struct volume *volume, struct holder *ret)
{
	char path[64 + NAME_SIZE];
	int r = -ENOENT;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/holders", volume->name);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == -ENOENT && (e = readdir(dir)))
		if (e->d_name[0] != '.')
			r = mapping_read(e->d_name, ret);
	closedir(dir);
	return r;
}
