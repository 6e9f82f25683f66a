// SPDX-License-Identifier: GPL-2.0-or-later
/* btrfs: it grows device by device, each by its number in the filesystem. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <linux/btrfs.h>

#include "btrfs_sysfs.h"
#include "filesystem.h"

/* The kernel refuses to make a device smaller than this, and calls a grow to less the same. */
#define BTRFS_SIZE_MIN (UINT64_C(256) << 20)

static const char *const types[] = { "btrfs", NULL };

/**
 * struct member - one device of a filesystem
 * @id: its number there
 * @size: bytes that the filesystem takes of it
 * @sector: bytes to which the kernel rounds that
 * @seed: it belongs to a filesystem that others are made from, and is never written to
 */
struct member {
	char uuid[BTRFS_UUID_TEXT];
	uint64_t id, size;
	uint32_t sector;
	bool seed;
};

static void uuid_text(const uint8_t uuid[BTRFS_FSID_SIZE], char ret[BTRFS_UUID_TEXT])
{
	char *at = ret;

	for (int i = 0; i < BTRFS_FSID_SIZE; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      uuid[i]);
}

/* The filesystem at @fd has to be the one that sysfs speaks of: another may be mounted there now. */
static int fs_info(int fd, const struct volume *volume, struct member *m)
{
	struct btrfs_ioctl_fs_info_args info = { 0 };
	char uuid[BTRFS_UUID_TEXT];
	int r = btrfs_of_device(volume->name, m->uuid);

	if (r < 0)
		return r == -ENOENT ? -ESTALE : r;
	if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0)
		return -errno;
	uuid_text(info.fsid, uuid);
	if (strcmp(uuid, m->uuid))
		return -ESTALE;
	m->sector = info.sectorsize;
	return m->sector ? 0 : -EUCLEAN;
}

/* By the name that the kernel has kept for it, which may be one of before udev's rules. */
static bool is_device(const struct btrfs_ioctl_dev_info_args *info, const struct volume *volume)
{
	char path[sizeof(info->path) + 1] = "";
	struct stat st;

	memcpy(path, info->path, sizeof(info->path));
	return stat(path, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == volume->dev;
}

/* The only device is this one whatever its name. */
static int member_of_ids(int fd, const struct volume *volume, const uint64_t *ids, size_t n,
			 struct member *m)
{
	for (size_t i = 0; i < n; i++) {
		struct btrfs_ioctl_dev_info_args info = { .devid = ids[i] };

		/* One that is removed meanwhile, or missing. */
		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &info) < 0)
			continue;
		if (n > 1 && !is_device(&info, volume))
			continue;
		m->id = ids[i];
		m->size = info.total_bytes;
		m->seed = !btrfs_is_writeable(m->uuid, m->id);
		return 0;
	}
	return -ENODEV;
}

static int member_find(int fd, const struct volume *volume, struct member *ret)
{
	uint64_t *ids;
	size_t n;
	int r;

	if (fd < 0)
		return fd;
	r = fs_info(fd, volume, ret);
	if (r == 0)
		r = btrfs_ids(ret->uuid, &ids, &n);
	if (r < 0)
		return r;
	r = member_of_ids(fd, volume, ids, n, ret);
	free(ids);
	return r;
}

/* The size that the kernel would make of the whole device; never less than now. */
static uint64_t bytes_reachable(const struct member *m, uint64_t device_bytes)
{
	uint64_t bytes = device_bytes - device_bytes % m->sector;

	if (m->seed || bytes < BTRFS_SIZE_MIN || bytes < m->size)
		return m->size;
	return bytes;
}

static int btrfs_facts(int fd, const struct volume *volume, struct fs_facts *ret)
{
	struct member m;
	int r = member_find(fd, volume, &m);

	if (r < 0)
		return r;
	ret->size = m.size;
	ret->reach = bytes_reachable(&m, volume->size);
	return 0;
}

/* Asks for all of the device by its number: without one the kernel takes the first. */
static int btrfs_grow(int fd, const struct volume *volume)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	struct member m;
	int r = member_find(fd, volume, &m);

	if (r < 0 || bytes_reachable(&m, volume->size) <= m.size)
		return r;
	snprintf(args.name, sizeof(args.name), "%" PRIu64 ":max", m.id);
	r = ioctl(fd, BTRFS_IOC_RESIZE, &args);
	if (r < 0)
		return -errno;
	/* btrfs has errors of its own, which are above 0. */
	if (r == BTRFS_ERROR_DEV_EXCL_RUN_IN_PROGRESS)
		return -EINPROGRESS;
	return r ? -EIO : 0;
}

static bool btrfs_is_live(const struct volume *volume)
{
	char uuid[BTRFS_UUID_TEXT];

	return btrfs_of_device(volume->name, uuid) == 0;
}

/* A subvolume, a bind mount and another device of it are all the same filesystem. */
static bool btrfs_lies_on(const struct volume *volume, const char *source)
{
	char uuid[BTRFS_UUID_TEXT], name[NAME_SIZE];

	return volume_name_of_path(source, name) == 0 && btrfs_of_device(name, uuid) == 0 &&
	       btrfs_has_device(uuid, volume->name);
}

static int operation_of(const struct volume *volume, char ret[BTRFS_OPERATION_TEXT])
{
	char uuid[BTRFS_UUID_TEXT];
	int r = btrfs_of_device(volume->name, uuid);

	return r < 0 ? r : btrfs_operation(uuid, ret);
}

/* Another resize takes moments: it is waited for. */
static int btrfs_ready(int fd, const struct volume *volume)
{
	char operation[BTRFS_OPERATION_TEXT];

	(void)fd;
	if (operation_of(volume, operation) < 0)
		return 0;
	return strcmp(operation, "none") && strcmp(operation, "resize") ? -EINPROGRESS : 0;
}

static const char *operation_why(const struct volume *volume)
{
	static const struct {
		const char *operation, *why;
	} known[] = {
		{ "balance", "not while it is balanced (btrfs balance status)" },
		{ "balance paused", "not while a balance of it is paused" },
		{ "device add", "not while a device is added to it" },
		{ "device remove", "not while a device is removed from it" },
		{ "device replace", "not while a device of it is replaced (btrfs replace status)" },
	};
	char operation[BTRFS_OPERATION_TEXT];

	if (operation_of(volume, operation) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			if (!strcmp(operation, known[i].operation))
				return known[i].why;
	return "not while another operation on its devices is under way";
}

static const char *btrfs_why(const struct volume *volume, int err)
{
	switch (err) {
	case -EINPROGRESS:
		return operation_why(volume);
	case -ENODEV:
		return "the kernel knows this device by a name that is gone (btrfs device scan)";
	default:
		return NULL;
	}
}

const struct fs_ops fs_btrfs = {
	.types = types,
	.by_hand = "btrfs filesystem resize max",
	.mend = "has errors: umount it and run btrfs check",
	.facts = btrfs_facts,
	.grow = btrfs_grow,
	.is_live = btrfs_is_live,
	.lies_on = btrfs_lies_on,
	.ready = btrfs_ready,
	.why = btrfs_why,
};
