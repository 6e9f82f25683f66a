// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounted filesystems, whatever their kind. A new kind is one line in kinds[]. */

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "filesystem.h"

static const struct fs_ops *const kinds[] = { &fs_ext, &fs_xfs };

/*
 * While somebody else grows the same filesystem the kernel says EBUSY or
 * EAGAIN: 5 s in steps of 20 ms.
 */
#define BUSY_TRIES 250
#define BUSY_PAUSE_NS 20000000

static const struct fs_ops *ops_of_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (const char *const *t = kinds[i]->types; *t; t++)
			if (!strcmp(*t, type))
				return kinds[i];
	return NULL;
}

/**
 * fs_open() - reach the filesystem that is mounted from a volume
 * @mounts: of mounts_read(); @ret needs it as long as it lives
 * @volume: the partition or disk
 * @ret: receives the filesystem; fs_close() it
 *
 * Returns 0, -ENOENT when it is not mounted, or another negative errno.
 */
int fs_open(struct libmnt_table *mounts, const struct volume *volume, struct fs *ret)
{
	struct fs fs = { .volume = *volume };
	int r = mounts_open(mounts, volume->dev, &fs.place);

	if (r < 0)
		return r;
	fs.ops = ops_of_type(fs.place.type);
	*ret = fs;
	return 0;
}

/** fs_close() - the end of fs_open(). */
void fs_close(struct fs *fs)
{
	if (fs->place.fd >= 0)
		close(fs->place.fd);
	fs->place.fd = -1;
}

/**
 * fs_facts_read() - a filesystem's sizes
 * @fs: of fs_open()
 * @ret: receives them
 *
 * Returns 0, -EOPNOTSUPP for a type that growctl does not know, -EACCES where
 * it takes root to find out, -ESTALE when every mount of it is hidden under
 * another, or another negative errno.
 */
int fs_facts_read(const struct fs *fs, struct fs_facts *ret)
{
	if (!fs->ops)
		return -EOPNOTSUPP;
	if (fs->place.fd < 0)
		return -ESTALE;
	return fs->ops->facts(fs->place.fd, &fs->volume, ret);
}

static int grow_when_free(const struct fs *fs)
{
	const struct timespec pause = { .tv_nsec = BUSY_PAUSE_NS };
	int r = fs->ops->grow(fs->place.fd, &fs->volume);

	for (int i = 0; i < BUSY_TRIES && (r == -EBUSY || r == -EAGAIN); i++) {
		nanosleep(&pause, NULL);
		r = fs->ops->grow(fs->place.fd, &fs->volume);
	}
	return r;
}

/**
 * fs_grow() - grow a filesystem to its device and read back what it got
 * @fs: of fs_open()
 * @ret: receives what came of it; where it fails too, for then the sizes say
 *       how far it got
 *
 * One that is full already, or that somebody else made so meanwhile, is a
 * success without a change.
 *
 * Returns 0, -EROFS when it is mounted read-only, the errors of
 * fs_facts_read(), or the grow ioctl's negative errno.
 */
int fs_grow(const struct fs *fs, struct fs_grown *ret)
{
	struct fs_grown grown;
	int r, r_grow;

	*ret = (struct fs_grown){ 0 };
	r = fs_facts_read(fs, &grown.before);
	if (r < 0)
		return r;
	grown.after = grown.before;
	if (grown.before.size >= grown.before.reach) {
		*ret = grown;
		return 0;
	}
	*ret = grown;
	if (!fs->place.writable)
		return -EROFS;
	grown.tried = true;
	*ret = grown;
	r_grow = grow_when_free(fs);
	r = fs_facts_read(fs, &grown.after);
	if (r < 0)
		return r;
	*ret = grown;
	return grown.after.size >= grown.after.reach ? 0 : r_grow;
}
