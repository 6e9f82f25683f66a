// SPDX-License-Identifier: GPL-2.0-or-later
/* The disk that a person means by its name, a partition's, a link to one of these, or a mountpoint. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmount.h>

#include "btrfs_sysfs.h"
#include "mounts.h"
#include "names.h"
#include "sysfs.h"
#include "target.h"

#define DEV "/dev/"

/* btrfs has a device number of its own, and names one of its devices as its source. */
static int name_of_own_number(const char *source, char ret[NAME_SIZE])
{
	int r = volume_name_of_path(source, ret);

	return r == 0 && btrfs_devices(ret) > 1 ? -ENOTUNIQ : r;
}

/* Returns -ENOTBLK where nothing is mounted, or what is there is on no block device. */
static int name_of_mount(const char *path, char ret[NAME_SIZE])
{
	struct libmnt_table *mounts;
	struct libmnt_fs *fs;
	int r = mounts_read(&mounts);

	if (r < 0)
		return r;
	fs = mnt_table_find_target(mounts, path, MNT_ITER_BACKWARD);
	r = fs ? volume_name_of_dev(mnt_fs_get_devno(fs), ret) : -ENOTBLK;
	if (fs && r == -ENODEV)
		r = name_of_own_number(mnt_fs_get_srcpath(fs), ret);
	mnt_unref_table(mounts);
	return r == -ENODEV ? -ENOTBLK : r;
}

static int name_of_path(const char *path, char ret[NAME_SIZE])
{
	struct stat st;

	if (stat(path, &st) < 0)
		return strncmp(path, DEV, strlen(DEV)) ? -errno :
							 disk_name_take(path + strlen(DEV), ret);
	return S_ISBLK(st.st_mode) ? volume_name_of_dev(st.st_rdev, ret) : name_of_mount(path, ret);
}

/* A partition's folder lies in its disk's. */
static int split(const char *name, struct target *ret)
{
	char path[64 + NAME_SIZE];
	struct volume v;
	int r = volume_read(name, &v);

	/* One that is not there is for the module to say. */
	if (r == -ENODEV || (r == 0 && !v.number)) {
		ret->number = 0;
		return disk_name_take(name, ret->disk);
	}
	if (r < 0)
		return r;
	ret->number = v.number;
	snprintf(path, sizeof(path), "/sys/class/block/%s/..", name);
	return volume_name_of_link(path, ret->disk);
}

/**
 * target_find() - what a person named
 * @arg: "vda", "vda3", "/dev/vda3", "/dev/disk/by-label/data", "/srv"
 * @ret: receives the disk, which need not be there, and the partition
 *
 * Returns 0, -EINVAL for what can be no name, -ENOTBLK for a path that is
 * neither a block device nor a mountpoint of one, -EXDEV for a device that
 * lies on others, -ENOTUNIQ for a mountpoint of several devices, or another
 * negative errno.
 */
int target_find(const char *arg, struct target *ret)
{
	char name[NAME_SIZE], *real;
	int r;

	if (!strchr(arg, '/')) {
		r = disk_name_take(arg, name);
	} else {
		real = realpath(arg, NULL);
		r = name_of_path(real ? real : arg, name);
		free(real);
	}
	if (r == 0 && volume_is_linked(name, "slaves"))
		r = -EXDEV;
	return r < 0 ? r : split(name, ret);
}
