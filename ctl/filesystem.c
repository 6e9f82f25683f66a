// SPDX-License-Identifier: GPL-2.0-or-later
/* Mounted filesystems, whatever their kind. A new kind is one line in kinds[]. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmount.h>

#include "filesystem.h"
#include "fs_offline.h"
#include "layer.h"
#include "namespaces.h"

static const struct fs_ops *const kinds[] = { &fs_ext, &fs_xfs, &fs_btrfs, &fs_nilfs };

/*
 * While somebody else grows the same filesystem the kernel says EBUSY or
 * EAGAIN, a kind's own call EINPROGRESS: 5 s in steps of 20 ms.
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

/** fs_type_grows() - whether growctl can let a filesystem of a type follow its device. */
bool fs_type_grows(const char *type)
{
	return ops_of_type(type) != NULL;
}

/* The number of the mounts of a kind that lie on a volume; 0 where there are none. */
static dev_t own_number(struct libmnt_table *mounts, const struct fs_ops *ops,
			const struct volume *volume)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	dev_t dev = 0;

	while (it && !dev && mnt_table_next_fs(mounts, it, &fs) == 0) {
		const char *type = mnt_fs_get_fstype(fs);

		if (type && ops_of_type(type) == ops &&
		    ops->lies_on(volume, mnt_fs_get_srcpath(fs)))
			dev = mnt_fs_get_devno(fs);
	}
	mnt_free_iter(it);
	return dev;
}

/* What mounts of the volume's filesystem have as their device number; 0 where there are none. */
static dev_t mounted_number(struct libmnt_table *mounts, const struct volume *volume)
{
	dev_t dev = mounts_have(mounts, volume->dev) ? volume->dev : 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds) && !dev; i++)
		if (kinds[i]->lies_on)
			dev = own_number(mounts, kinds[i], volume);
	return dev;
}

/* Of what growctl grows, sysfs tells that it is mounted, wherever that may be. */
static bool is_live(const struct volume *volume)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i]->is_live(volume))
			return true;
	return false;
}

/** fs_is_mounted() - whether a filesystem on a partition or disk is mounted, here or elsewhere. */
bool fs_is_mounted(struct libmnt_table *mounts, const struct volume *volume)
{
	struct volume top;

	return layers_climb(layers, volume, &top) == 0 &&
	       (mounted_number(mounts, &top) || is_live(&top));
}

struct search {
	const struct volume *volume;
	dev_t dev;
};

static bool has_mount(struct libmnt_table *mounts, void *arg)
{
	struct search *search = arg;

	search->dev = mounted_number(mounts, search->volume);
	return search->dev != 0;
}

static void type_copy(struct libmnt_table *mounts, dev_t dev, char ret_type[CONTENT_SIZE])
{
	struct libmnt_fs *fs = mnt_table_find_devno(mounts, dev, MNT_ITER_FORWARD);
	const char *type = fs ? mnt_fs_get_fstype(fs) : NULL;

	snprintf(ret_type, CONTENT_SIZE, "%s", type ? type : "");
}

/**
 * fs_mount_type() - how the filesystem that lies directly on a partition is mounted, and its type
 * @mounts: of mounts_read()
 * @volume: the partition
 * @ret_type: receives the kernel's name for it where it is mounted
 *
 * The superblock counts, which all its mounts share, in whatever namespace they are.
 */
enum lg_mount fs_mount_type(struct libmnt_table *mounts, const struct volume *volume,
			    char ret_type[CONTENT_SIZE])
{
	struct search search = { .volume = volume };
	struct libmnt_table *others = NULL;
	enum lg_mount how;

	if (!has_mount(mounts, &search)) {
		if (!is_live(volume) || namespaces_find(has_mount, &search, &others) < 0)
			return LG_MOUNT_UNSEEN;
		mounts = others;
	}
	how = mounts_super_writable(mounts, search.dev) ? LG_MOUNT_WRITABLE : LG_MOUNT_READ_ONLY;
	type_copy(mounts, search.dev, ret_type);
	mnt_unref_table(others);
	return how;
}

/** fs_mount_of() - fs_mount_type() without the type. */
enum lg_mount fs_mount_of(struct libmnt_table *mounts, const struct volume *volume)
{
	char type[CONTENT_SIZE];

	return fs_mount_type(mounts, volume, type);
}

static bool has_writable_mount(struct libmnt_table *mounts, void *arg)
{
	struct search *search = arg;

	return has_mount(mounts, arg) && mounts_writable(mounts, search->dev);
}

/*
 * Each mount is read-only by itself: the copy in a service's namespace stays so when the
 * one that it was made from is remounted writable.
 */
static void place_better(struct fs *fs)
{
	struct search search = { .volume = &fs->volume };
	struct libmnt_table *others;
	struct mount_place place;

	if (namespaces_find(has_writable_mount, &search, &others) < 0)
		return;
	if (mounts_open(others, search.dev, &place) < 0) {
		mnt_unref_table(others);
		return;
	}
	if (place.fd < 0 || !place.writable) {
		if (place.fd >= 0)
			close(place.fd);
		mnt_unref_table(others);
		return;
	}
	if (fs->place.fd >= 0)
		close(fs->place.fd);
	fs->place = place;
	fs->elsewhere = others;
}

static int place_here(struct libmnt_table *mounts, dev_t dev, struct fs *fs)
{
	int r = mounts_open(mounts, dev, &fs->place);

	if (r == 0 && !fs->place.writable && ops_of_type(fs->place.type))
		place_better(fs);
	return r;
}

/* Here first; who may not look elsewhere finds nothing there. */
static int place_find(struct libmnt_table *mounts, struct fs *fs)
{
	struct search search = { .volume = &fs->volume };
	int r;

	if (has_mount(mounts, &search))
		return place_here(mounts, search.dev, fs);
	if (!is_live(&fs->volume))
		return -ENOENT;
	r = namespaces_find(has_mount, &search, &fs->elsewhere);
	return r < 0 ? r : mounts_open(fs->elsewhere, search.dev, &fs->place);
}

/**
 * fs_open() - reach the filesystem that is mounted from what lies on a partition or disk
 * @mounts: of mounts_read(); @ret needs it as long as it lives
 * @volume: the partition or disk, of its size now, or of one to come
 * @ret: receives the filesystem; fs_close() it
 *
 * Returns 0, -ENOENT when it is not mounted, or another negative errno.
 */
int fs_open(struct libmnt_table *mounts, const struct volume *volume, struct fs *ret)
{
	struct fs fs = { .bottom = *volume };
	int r = layers_climb(layers, volume, &fs.volume);

	if (r == 0)
		r = place_find(mounts, &fs);
	if (r < 0) {
		mnt_unref_table(fs.elsewhere);
		return r;
	}
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
	mnt_unref_table(fs->elsewhere);
	fs->elsewhere = NULL;
}

/**
 * fs_facts_read() - a filesystem's sizes
 * @fs: of fs_open()
 * @ret: receives them
 *
 * Returns 0, -EOPNOTSUPP for a type that growctl does not know, -EACCES where
 * it takes root to find out, -ESTALE when it takes a mount that is not hidden
 * under another, or another negative errno.
 */
int fs_facts_read(const struct fs *fs, struct fs_facts *ret)
{
	return fs->ops ? fs->ops->facts(fs->place.fd, &fs->volume, ret) : -EOPNOTSUPP;
}

/** fs_is_full() - whether there is nothing to be done for a filesystem. */
bool fs_is_full(const struct fs_facts *facts)
{
	return facts->size >= facts->reach && !facts->unfinished;
}

/**
 * fs_ready() - what would hinder a grow, be there something to grow or not
 * @fs: of fs_open()
 *
 * Returns 0, or the errors of fs_check() but for those of the sizes, and for damage.
 */
int fs_ready(const struct fs *fs)
{
	if (fs->place.fd < 0)
		return fs->place.fd;
	if (!fs->place.writable)
		return -EROFS;
	return fs->ops->ready ? fs->ops->ready(fs->place.fd, &fs->volume) : 0;
}

/**
 * fs_check() - what would hinder a grow, without trying it
 * @fs: of fs_open()
 * @ret: receives the sizes, zeroes where they cannot be found out
 *
 * Nothing hinders one that is full.
 *
 * Returns 0, -EUCLEAN when it is damaged, -ESTALE when every mount of it is
 * hidden under another, -EROFS when it is mounted read-only, -EINPROGRESS when
 * the kernel is busy with something that ends, after which it can be tried,
 * -EOPNOTSUPP when the kernel never grows such a one, or the errors of fs_facts_read().
 */
int fs_check(const struct fs *fs, struct fs_facts *ret)
{
	int r;

	*ret = (struct fs_facts){ 0 };
	r = fs_facts_read(fs, ret);
	if (r < 0 || fs_is_full(ret))
		return r;
	return ret->damaged ? -EUCLEAN : fs_ready(fs);
}

/* So much more it would take, had its format room for it. */
#define AHEAD (UINT64_C(1) << 40)

/**
 * fs_end_why() - what to do about one that takes nothing of a device that is far larger
 * @fs: of fs_open(), of a type that growctl grows
 * @now: of fs_check()
 *
 * Returns the words, or NULL where it is none, or that cannot be told.
 */
const char *fs_end_why(const struct fs *fs, const struct fs_facts *now)
{
	struct volume larger = fs->volume;
	struct fs_facts then;

	if (!fs->ops->why)
		return NULL;
	larger.size += AHEAD;
	if (fs->ops->facts(fs->place.fd, &larger, &then) < 0 || then.reach > now->size)
		return NULL;
	return fs->ops->why(&fs->volume, -E2BIG);
}

/**
 * fs_why() - words for an error of fs_check() and fs_grow()
 * @fs: the filesystem
 * @err: the negative errno
 */
const char *fs_why(const struct fs *fs, int err)
{
	const char *own = fs->ops && fs->ops->why ? fs->ops->why(&fs->volume, err) : NULL;

	if (own)
		return own;
	if (!fs->ops && err == -EOPNOTSUPP)
		return fs_offline_why(fs->place.type);
	switch (err) {
	case -EROFS:
		return "mounted read-only; remount it writable";
	case -ESTALE:
		return "every mount of it is hidden under another";
	case -EUCLEAN:
		return fs->ops->mend;
	case -EBUSY:
		return "another process is growing it; is it frozen? If so, it grows once thawed";
	case -EIO:
		return "the kernel could not read or write it: see dmesg, then umount and check it";
	case -ENOSPC:
		return "it has no room left for what a larger one needs: make some, then growctl "
		       "grow";
	default:
		return strerror(-err);
	}
}

/**
 * fs_check_why() - words for an error of fs_check() that left the sizes unknown
 * @fs: the filesystem
 * @err: the negative errno; of the grow ioctl the same ones mean something else
 */
const char *fs_check_why(const struct fs *fs, int err)
{
	switch (err) {
	case -EACCES:
	case -EPERM:
		return "only root can see its size";
	default:
		return fs_why(fs, err);
	}
}

static bool is_busy(int err)
{
	return err == -EBUSY || err == -EAGAIN || err == -EINPROGRESS;
}

/* What somebody else grew meanwhile is not this one's to report. */
static int grow_when_free(const struct fs *fs, struct fs_facts *before)
{
	const struct timespec pause = { .tv_nsec = BUSY_PAUSE_NS };
	int r = fs->ops->grow(fs->place.fd, &fs->volume);

	for (int i = 0; i < BUSY_TRIES && is_busy(r); i++) {
		nanosleep(&pause, NULL);
		fs_facts_read(fs, before);
		r = fs->ops->grow(fs->place.fd, &fs->volume);
	}
	return r;
}

/**
 * fs_grow() - grow the layers below a filesystem, and it to its device; read back what it got
 * @fs: of fs_open()
 * @ret: receives what came of it; where it fails too, for then the sizes say
 *       how far it got
 *
 * One that is full already, or that somebody else made so meanwhile, is a
 * success without a change.
 *
 * A damaged one is tried all the same: the kernel decides, and its refusal is
 * one to report.
 *
 * Returns 0, the errors of fs_check() and layers_grow(), or the grow ioctl's negative errno.
 */
int fs_grow(const struct fs *fs, struct fs_grown *ret)
{
	struct volume top;
	int r, r_grow;

	*ret = (struct fs_grown){ 0 };
	r = fs_facts_read(fs, &ret->before);
	ret->after = ret->before;
	if (r < 0 || fs_is_full(&ret->before))
		return r;
	r = fs_ready(fs);
	if (r < 0)
		return r;
	ret->tried = true;
	r = layers_grow(layers, &fs->bottom, &top);
	if (r < 0)
		return r;
	r_grow = grow_when_free(fs, &ret->before);
	r = fs_facts_read(fs, &ret->after);
	if (r < 0 || ret->after.size >= ret->after.reach)
		return r;
	return r_grow < 0 && ret->after.damaged ? -EUCLEAN : r_grow;
}
