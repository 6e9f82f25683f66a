// SPDX-License-Identifier: GPL-2.0-or-later
/* NILFS2: it is told a device's size in bytes, and keeps that; sysfs shows it to everybody. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include <linux/nilfs2_api.h>

#include "filesystem.h"

#define NILFS_DIR "/sys/fs/nilfs2"

/* Room for the number of its bytes, and the end of the line. */
#define NILFS_SIZE_TEXT 24

static const char *const types[] = { "nilfs2", NULL };

static int nilfs_size(const struct volume *volume, uint64_t *ret)
{
	char path[sizeof(NILFS_DIR) + NAME_SIZE + 16], text[NILFS_SIZE_TEXT];
	int r;

	snprintf(path, sizeof(path), NILFS_DIR "/%s/device_size", volume->name);
	r = sysfs_read(AT_FDCWD, path, text, sizeof(text));
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	return sscanf(text, "%" SCNu64, ret) == 1 ? 0 : -EINVAL;
}

/* What is less than a segment at its end is not used, and is counted all the same. */
static int nilfs_facts(int fd, const struct volume *volume, struct fs_facts *ret)
{
	uint64_t size;
	int r = nilfs_size(volume, &size);

	(void)fd;
	if (r < 0)
		return r;
	ret->size = size;
	ret->reach = volume->size > size ? volume->size : size;
	return 0;
}

/* The ioctl would make it smaller as well. */
static int nilfs_grow(int fd, const struct volume *volume)
{
	uint64_t size, wanted = volume->size;
	int r = nilfs_size(volume, &size);

	if (r < 0 || wanted <= size)
		return r;
	return ioctl(fd, NILFS_IOCTL_RESIZE, &wanted) < 0 ? -errno : 0;
}

static const char *nilfs_why(const struct volume *volume, int err)
{
	(void)volume;
	return err == -EOPNOTSUPP ? "this kernel does not show its size in " NILFS_DIR : NULL;
}

static bool nilfs_is_live(const struct volume *volume)
{
	return volume_has_fs(volume, "nilfs2");
}

const struct fs_ops fs_nilfs = {
	.types = types,
	.by_hand = "nilfs-resize",
	.mend = "has errors that no tool repairs: save its files",
	.facts = nilfs_facts,
	.grow = nilfs_grow,
	.is_live = nilfs_is_live,
	.why = nilfs_why,
};
