// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a device's filesystem is mounted. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <libmount.h>

#include "mounts.h"

#define FIRST "/proc/1/root"

/**
 * mounts_read() - take the mounts of now
 * @ret: receives the table; mnt_unref_table() it
 *
 * Returns 0 or a negative errno.
 */
int mounts_read(struct libmnt_table **ret)
{
	struct libmnt_table *table;

	errno = 0;
	table = mnt_new_table_from_file("/proc/self/mountinfo");
	if (!table)
		return errno ? -errno : -ENOMEM;
	*ret = table;
	return 0;
}

/**
 * mounts_watch() - hear of the mounts that change
 *
 * Those of the first process, as a service in a mount namespace of its own does not see all
 * that is remounted; its own where it may not look there.
 *
 * Returns a descriptor to poll for POLLPRI, which a poll takes, or a negative errno.
 */
int mounts_watch(void)
{
	int fd = open("/proc/1/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/** mounts_have() - whether anything is mounted that has this device number. */
bool mounts_have(struct libmnt_table *mounts, dev_t dev)
{
	return mnt_table_find_devno(mounts, dev, MNT_ITER_FORWARD) != NULL;
}

static bool is_read_only(const char *options)
{
	return options && mnt_optstr_get_option(options, "ro", NULL, NULL) == 0;
}

static bool is_writable(struct libmnt_fs *fs)
{
	return !is_read_only(mnt_fs_get_vfs_options(fs)) &&
	       !is_read_only(mnt_fs_get_fs_options(fs));
}

/** mounts_super_writable() - whether a superblock with this device number is mounted writable. */
bool mounts_super_writable(struct libmnt_table *mounts, dev_t dev)
{
	struct libmnt_fs *fs = mnt_table_find_devno(mounts, dev, MNT_ITER_FORWARD);

	return fs && !is_read_only(mnt_fs_get_fs_options(fs));
}

/** mounts_writable() - whether any mount that has this device number is writable. */
bool mounts_writable(struct libmnt_table *mounts, dev_t dev)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	bool is = false;

	while (it && !is && mnt_table_next_fs(mounts, it, &fs) == 0)
		is = mnt_fs_get_devno(fs) == dev && is_writable(fs);
	mnt_free_iter(it);
	return is;
}

/*
 * A filesystem whose mounts have a device number of their own (its major is 0) may
 * give its files yet others, as btrfs does in each subvolume: the mount counts then.
 */
static bool is_of_mount(int fd, struct libmnt_fs *fs, dev_t dev)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return false;
	if (makedev(st.stx_dev_major, st.stx_dev_minor) == dev)
		return true;
	return !major(dev) && st.stx_mask & STATX_MNT_ID &&
	       st.stx_mnt_id == (uint64_t)mnt_fs_get_id(fs);
}

/*
 * A mount under another one at the same place cannot be reached by its name,
 * and to open what lies above may wait for whoever serves that.
 */
static int place_open(struct libmnt_table *mounts, struct libmnt_fs *fs, dev_t dev)
{
	const char *target = mnt_fs_get_target(fs);
	int fd;

	if (!target || mnt_table_find_target(mounts, target, MNT_ITER_BACKWARD) != fs)
		return -ESTALE;
	fd = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? -ESTALE : -errno;
	if (!is_of_mount(fd, fs, dev)) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

/* In the first process's namespace it is what everybody calls it. */
static const char *target_shown(const char *target)
{
	const size_t n = strlen(FIRST);

	return strncmp(target, FIRST, n) || target[n] != '/' ? target : target + n;
}

static bool better(const struct mount_place *new, const struct mount_place *old)
{
	if (!old->type || (new->fd >= 0) != (old->fd >= 0))
		return !old->type || new->fd >= 0;
	return new->fd >= 0 && new->writable && !old->writable;
}

/**
 * mounts_open() - reach the filesystem of a device
 * @mounts: of mounts_read()
 * @dev: the device number that its mounts have
 * @ret: receives the place; close() its fd where it is open
 *
 * A writable mount is taken before a read-only one, one that can be opened
 * before one that cannot.
 *
 * Returns 0, or -ENOENT when the device is not mounted.
 */
int mounts_open(struct libmnt_table *mounts, dev_t dev, struct mount_place *ret)
{
	struct mount_place best = { .fd = -ESTALE }, place;
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	if (!it)
		return -ENOMEM;
	while (mnt_table_next_fs(mounts, it, &fs) == 0) {
		if (mnt_fs_get_devno(fs) != dev)
			continue;
		place.type = mnt_fs_get_fstype(fs);
		place.target = mnt_fs_get_target(fs);
		if (!place.type || !place.target)
			continue;
		place.target = target_shown(place.target);
		place.writable = is_writable(fs);
		place.fd = place_open(mounts, fs, dev);
		if (!better(&place, &best)) {
			if (place.fd >= 0)
				close(place.fd);
			continue;
		}
		if (best.fd >= 0)
			close(best.fd);
		best = place;
	}
	mnt_free_iter(it);
	if (!best.type)
		return -ENOENT;
	*ret = best;
	return 0;
}
