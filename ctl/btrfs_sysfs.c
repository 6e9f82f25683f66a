// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What sysfs says of each mounted btrfs: a folder by its UUID, with links to its
 * devices by their kernel's names. A mount names one of them as its source; the
 * one that has grown may be another.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btrfs_sysfs.h"
#include "sysfs.h"

#define BTRFS_DIR "/sys/fs/btrfs"

/* Room for one of its paths, whose longest ends with a device's name. */
#define PATH_SIZE (sizeof(BTRFS_DIR) + BTRFS_UUID_TEXT + 64 + NAME_SIZE)

/** btrfs_has_device() - whether a device, by its kernel's name, is one of a mounted btrfs. */
bool btrfs_has_device(const char *uuid, const char *device)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), BTRFS_DIR "/%s/devices/%s", uuid, device);
	return access(path, F_OK) == 0;
}

/**
 * btrfs_of_device() - the mounted btrfs that a device is one of
 * @device: its kernel's name
 * @ret_uuid: receives the UUID
 *
 * Returns 0, -ENOENT where it is none of any, or another negative errno.
 */
int btrfs_of_device(const char *device, char ret_uuid[BTRFS_UUID_TEXT])
{
	DIR *dir = opendir(BTRFS_DIR);
	struct dirent *e;
	int r = -ENOENT;

	if (!dir)
		return -errno;
	while (r < 0 && (e = readdir(dir))) {
		if (strlen(e->d_name) != BTRFS_UUID_TEXT - 1 ||
		    !btrfs_has_device(e->d_name, device))
			continue;
		memcpy(ret_uuid, e->d_name, BTRFS_UUID_TEXT);
		r = 0;
	}
	closedir(dir);
	return r;
}

/** btrfs_devices() - how many devices the mounted btrfs has that a device is one of; 0 for none. */
size_t btrfs_devices(const char *device)
{
	char path[PATH_SIZE], uuid[BTRFS_UUID_TEXT];
	struct dirent *e;
	size_t n = 0;
	DIR *dir;

	if (btrfs_of_device(device, uuid) < 0)
		return 0;
	snprintf(path, sizeof(path), BTRFS_DIR "/%s/devices", uuid);
	dir = opendir(path);
	while (dir && (e = readdir(dir)))
		n += e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return n;
}

static int append(uint64_t **list, size_t *n, uint64_t id)
{
	uint64_t *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	more[(*n)++] = id;
	*list = more;
	return 0;
}

/**
 * btrfs_ids() - the numbers of a mounted btrfs's devices
 * @uuid: of btrfs_of_device()
 * @ret: receives them, in no order; free() it
 * @ret_n: receives how many
 *
 * Returns 0 or a negative errno.
 */
int btrfs_ids(const char *uuid, uint64_t **ret, size_t *ret_n)
{
	char path[PATH_SIZE], *end;
	uint64_t id, *list = NULL;
	struct dirent *e;
	size_t n = 0;
	int r = 0;
	DIR *dir;

	snprintf(path, sizeof(path), BTRFS_DIR "/%s/devinfo", uuid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir))) {
		id = strtoull(e->d_name, &end, 10);
		if (end != e->d_name && !*end)
			r = append(&list, &n, id);
	}
	closedir(dir);
	if (r < 0) {
		free(list);
		return r;
	}
	*ret = list;
	*ret_n = n;
	return 0;
}

/** btrfs_is_writeable() - whether the device of that number is no seed, which stays as it is. */
bool btrfs_is_writeable(const char *uuid, uint64_t id)
{
	char path[PATH_SIZE], text[4];

	snprintf(path, sizeof(path), BTRFS_DIR "/%s/devinfo/%" PRIu64 "/writeable", uuid, id);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) < 0 || text[0] != '0';
}

/**
 * btrfs_operation() - which operation keeps others of its sort out
 * @uuid: of btrfs_of_device()
 * @ret: receives the kernel's words for it, such as "balance"; "none" for none
 *
 * Returns 0 or a negative errno.
 */
int btrfs_operation(const char *uuid, char ret[BTRFS_OPERATION_TEXT])
{
	char path[PATH_SIZE];
	int r;

	snprintf(path, sizeof(path), BTRFS_DIR "/%s/exclusive_operation", uuid);
	r = sysfs_read(AT_FDCWD, path, ret, BTRFS_OPERATION_TEXT);
	if (r == 0)
		ret[strcspn(ret, "\n")] = '\0';
	return r;
}
