// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands between a volume and its filesystems, as sysfs tells everybody. */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "holder.h"

/* Room for a mapping's UUID, the kernel's DM_UUID_LEN. */
#define UUID_SIZE 129

/* Who makes a mapping has its UUID begin with a word of its own. */
static const struct {
	const char *prefix, *type;
} makers[] = {
	{ "CRYPT-LUKS", "crypto_LUKS" }, /* LUKS1, LUKS2 */
	{ "CRYPT-TCRYPT", "TCRYPT" }, /* TrueCrypt, VeraCrypt */
	{ "CRYPT-BITLK", "BitLocker" }, /* Windows */
	{ "CRYPT-FVAULT2", "cs_fvault2" }, /* macOS */
	{ "LVM-", "LVM2_member" }, /* any volume */
};

static const char *type_of(const char *uuid)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (!strncmp(uuid, makers[i].prefix, strlen(makers[i].prefix)))
			return makers[i].type;
	return "";
}

static bool drbd_read(const char *device, struct holder *ret)
{
	if (strncmp(device, "drbd", strlen("drbd")) != 0)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%s", device);
	snprintf(ret->type, sizeof(ret->type), "%s", CONTENT_DRBD);
	return true;
}

/**
 * holder_read() - what a mapping is
 * @device: the kernel's name of it
 * @ret: receives it
 *
 * Returns 0, -ENOENT where @device is neither of the device mapper nor of DRBD, or another
 * negative errno.
 */
int holder_read(const char *device, struct holder *ret)
{
	char uuid[UUID_SIZE];
	int r;

	if (drbd_read(device, ret))
		return 0;
	r = volume_attribute_read(device, "dm/name", ret->name, sizeof(ret->name));
	if (r == 0)
		r = volume_attribute_read(device, "dm/uuid", uuid, sizeof(uuid));
	if (r == 0)
		snprintf(ret->type, sizeof(ret->type), "%s", type_of(uuid));
	return r;
}

/**
 * holders_each() - call for everything that lies on a volume, mapping or not
 * @volume: the partition, disk or mapping
 * @fn: returns 0, or what ends it
 * @arg: for @fn
 *
 * Returns 0, what @fn returned, or a negative errno.
 */
int holders_each(const struct volume *volume, holder_fn fn, void *arg)
{
	char path[64 + NAME_SIZE];
	struct volume holder;
	struct dirent *e;
	int r = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/holders", volume->name);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		r = volume_read(e->d_name, &holder);
		if (r == 0)
			r = fn(&holder, arg);
	}
	closedir(dir);
	return r;
}

static int on_holder(const struct volume *holder, void *arg)
{
	int r = holder_read(holder->name, arg);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : 1;
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
	int r = holders_each(volume, on_holder, ret);

	if (r < 0)
		return r;
	return r ? 0 : -ENOENT;
}
