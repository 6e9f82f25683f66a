// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks and partitions with the sizes that the kernel gives them now. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "names.h"
#include "sysfs.h"

/* sysfs counts in these whatever the disk's logical block is. */
#define SECTOR 512

/**
 * sysfs_read() - what a file of sysfs says
 * @dir: the folder, open, or AT_FDCWD
 * @file: its name
 * @buf: receives the text with its line's end
 * @size: of @buf; what has no room is left out
 *
 * Returns 0 or a negative errno.
 */
int sysfs_read(int dir, const char *file, char *buf, size_t size)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, size - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	buf[n] = '\0';
	return 0;
}

/**
 * volume_attribute_read() - read one line about a block device from sysfs
 * @name: the kernel's name of the device
 * @file: path below its folder, such as "dm/uuid"
 * @buf: receives the line without its end
 * @size: bytes in @buf; the rest of a longer line is left out
 *
 * Returns 0 or a negative errno.
 */
int volume_attribute_read(const char *name, const char *file, char *buf, size_t size)
{
	char path[64 + NAME_SIZE];
	int r;

	snprintf(path, sizeof(path), "/sys/class/block/%.47s/%s", name, file);
	r = sysfs_read(AT_FDCWD, path, buf, size);
	if (r == 0)
		buf[strcspn(buf, "\n")] = '\0';
	return r;
}

/**
 * volume_name_of_link() - the last part of where a link of sysfs leads
 * @path: of the link
 * @ret: receives it
 *
 * Returns 0, -ENODEV where there is none, or another negative errno.
 */
int volume_name_of_link(const char *path, char ret[NAME_SIZE])
{
	char *real = realpath(path, NULL);
	int r;

	if (!real)
		return errno == ENOENT ? -ENODEV : -errno;
	r = disk_name_take(strrchr(real, '/') + 1, ret);
	free(real);
	return r;
}

/** volume_name_of_dev() - the kernel's name of a device; returns as volume_name_of_link(). */
int volume_name_of_dev(dev_t dev, char ret[NAME_SIZE])
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(dev), minor(dev));
	return volume_name_of_link(path, ret);
}

/**
 * volume_name_of_path() - the kernel's name of the device that a node stands for
 * @path: such as "/dev/vda1"; NULL is none
 * @ret: receives the name
 *
 * Returns 0, -ENOTBLK where there is no block device, or another negative errno.
 */
int volume_name_of_path(const char *path, char ret[NAME_SIZE])
{
	struct stat st;

	if (!path || stat(path, &st) < 0 || !S_ISBLK(st.st_mode))
		return -ENOTBLK;
	return volume_name_of_dev(st.st_rdev, ret);
}

static int number_read(int dir, const char *file, uint64_t unit, uint64_t *ret)
{
	char buf[32], *end;
	uint64_t value;
	int r = sysfs_read(dir, file, buf, sizeof(buf));

	if (r < 0)
		return r;
	errno = 0;
	value = strtoull(buf, &end, 10);
	if (errno || end == buf || value > UINT64_MAX / unit)
		return -ERANGE;
	*ret = value * unit;
	return 0;
}

static int dev_read(int dir, dev_t *ret)
{
	unsigned int major_no, minor_no;
	char buf[32];
	int r = sysfs_read(dir, "dev", buf, sizeof(buf));

	if (r < 0)
		return r;
	if (sscanf(buf, "%u:%u", &major_no, &minor_no) != 2)
		return -ERANGE;
	*ret = makedev(major_no, minor_no);
	return 0;
}

static int facts_read(int dir, struct volume *v)
{
	uint64_t number = 0;
	int r;

	r = dev_read(dir, &v->dev);
	if (r == 0)
		r = number_read(dir, "size", SECTOR, &v->size);
	if (r < 0)
		return r;
	r = number_read(dir, "partition", 1, &number);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = number_read(dir, "start", SECTOR, &v->start);
	if (r == 0 && (!number || number > UINT32_MAX))
		r = -ERANGE;
	v->number = (uint32_t)number;
	return r;
}

/**
 * disk_identity() - what tells a disk from another that had its name before
 * @name: the disk's
 *
 * Returns the number of its folder in sysfs, or 0 where there is none.
 */
uint64_t disk_identity(const char *name)
{
	char path[32 + NAME_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/block/%s/.", name);
	return stat(path, &st) < 0 ? 0 : st.st_ino;
}

/**
 * volume_read() - look up a disk or a partition by its name
 * @name: the kernel's name
 * @ret: receives what the kernel has
 *
 * Returns 0, -ENODEV where there is none, or another negative errno.
 */
int volume_read(const char *name, struct volume *ret)
{
	char path[32 + NAME_SIZE];
	struct volume v = { 0 };
	int dir, r;

	if (!disk_name_valid(name))
		return -ENODEV;
	snprintf(path, sizeof(path), "/sys/class/block/%s", name);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	snprintf(v.name, sizeof(v.name), "%s", name);
	r = facts_read(dir, &v);
	close(dir);
	if (r < 0)
		return r == -ENOENT ? -ENODEV : r;
	*ret = v;
	return 0;
}

static int by_start(const void *a, const void *b)
{
	uint64_t x = ((const struct volume *)a)->start;
	uint64_t y = ((const struct volume *)b)->start;

	return (x > y) - (x < y);
}

static int append(struct volume **list, size_t *n, const struct volume *v)
{
	struct volume *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	more[(*n)++] = *v;
	*list = more;
	return 0;
}

/* A partition's folder lies in its disk's and has its disk's name in front. */
static int partitions_read(const char *disk, struct volume **list, size_t *n)
{
	char path[32 + NAME_SIZE];
	struct volume v;
	struct dirent *e;
	DIR *dir;
	int r = 0;

	snprintf(path, sizeof(path), "/sys/class/block/%s", disk);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir))) {
		if (strncmp(e->d_name, disk, strlen(disk)))
			continue;
		/* One that goes away meanwhile is none of this disk's. */
		if (volume_read(e->d_name, &v) == 0 && v.number)
			r = append(list, n, &v);
	}
	closedir(dir);
	return r;
}

/**
 * volumes_of_disk() - where a disk's filesystems can be
 * @disk: the disk's name
 * @ret: receives its partitions by their start or, where it has none, the disk
 *       itself as the only one; free() it
 * @ret_n: receives their number
 *
 * Returns 0, -ENODEV, or another negative errno.
 */
int volumes_of_disk(const char *disk, struct volume **ret, size_t *ret_n)
{
	struct volume *list = NULL, whole;
	size_t n = 0;
	int r;

	r = volume_read(disk, &whole);
	if (r < 0)
		return r;
	r = partitions_read(disk, &list, &n);
	if (r == 0 && !n)
		r = append(&list, &n, &whole);
	if (r < 0) {
		free(list);
		return r;
	}
	qsort(list, n, sizeof(*list), by_start);
	*ret = list;
	*ret_n = n;
	return 0;
}

/**
 * volume_has_fs() - whether a driver that has a folder by each device's name has it mounted
 * @volume: the device
 * @driver: its folder in /sys/fs
 */
bool volume_has_fs(const struct volume *volume, const char *driver)
{
	char path[32 + NAME_SIZE];

	snprintf(path, sizeof(path), "/sys/fs/%.15s/%s", driver, volume->name);
	return access(path, F_OK) == 0;
}

/**
 * volume_is_linked() - whether others are made of a device, or it of others: dm, md
 * @name: the device's
 * @how: "holders" or "slaves"
 */
bool volume_is_linked(const char *name, const char *how)
{
	char path[64 + NAME_SIZE];
	struct dirent *e;
	bool any = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, how);
	dir = opendir(path);
	while (dir && !any && (e = readdir(dir)))
		any = e->d_name[0] != '.';
	if (dir)
		closedir(dir);
	return any;
}

/**
 * volume_open() - open a volume's device for reading
 * @volume: of volume_read()
 *
 * Returns a descriptor, -ENODEV where the node in /dev is not that device, or
 * another negative errno.
 */
int volume_open(const struct volume *volume)
{
	char path[8 + NAME_SIZE];
	struct stat st;
	int fd, r;

	snprintf(path, sizeof(path), "/dev/%s", volume->name);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && (!S_ISBLK(st.st_mode) || st.st_rdev != volume->dev))
		r = -ENODEV;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/** disk_has_partitions() - whether the kernel knows any of a disk; true where that cannot be told. */
bool disk_has_partitions(const char *disk)
{
	struct volume *volumes;
	size_t n;
	bool has;

	if (volumes_of_disk(disk, &volumes, &n) < 0)
		return true;
	has = n && volumes[0].number;
	free(volumes);
	return has;
}
