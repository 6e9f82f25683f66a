// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a partition holds and how far that reaches, for a partition that is to
 * become smaller. What cannot be told for certain is an error with its reason.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "content.h"
#include "dm.h"
#include "ext_super.h"
#include "lvm_lock.h"
#include "lvm_pv.h"
#include "occupant.h"

static int refuse(struct occupant *o, int err, const char *why)
{
	snprintf(o->why, sizeof(o->why), "%s", why);
	return err;
}

static int mounted_open(struct occupant *o)
{
	const struct fs *fs = &o->fs;

	snprintf(o->what, sizeof(o->what), "%.31s on %.255s", fs->place.type, fs->place.target);
	if (!fs->ops)
		return refuse(o, -EOPNOTSUPP, "growctl cannot tell the size of this type");
	if (fs->place.fd < 0)
		return refuse(o, fs->place.fd, fs_why(fs, fs->place.fd));
	/* Its journal may know of another size, and freezing it is no freeze. */
	if (!fs->place.writable)
		return refuse(o, -EROFS, fs_why(fs, -EROFS));
	return 0;
}

static int mounted_reach(struct occupant *o)
{
	struct fs_facts facts;
	int r = fs_facts_read(&o->fs, &facts);

	if (r < 0)
		return refuse(o, r, strerror(-r));
	o->reach = facts.size;
	return 0;
}

/* A mount, swap, md and whatever else takes it makes this fail, and this makes them fail. */
static int hold(const struct volume *volume)
{
	char path[8 + NAME_SIZE];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "/dev/%s", volume->name);
	fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == volume->dev)
		return fd;
	close(fd);
	return -ENODEV;
}

static int ext_reach(struct occupant *o)
{
	struct ext ext;
	int r;

	if (o->hold < 0)
		return refuse(o, -EBUSY, "something else than a mount uses it");
	r = ext_read(&o->fs.volume, &ext);
	if (r < 0)
		return refuse(o, r, strerror(-r));
	if (ext.needs_recovery)
		return refuse(o, -EUCLEAN, "its journal is not empty; mount it first");
	o->reach = ext.blocks * ext.block_size;
	return 0;
}

typedef int mappings_reach(const struct volume *below, uint64_t *reach);

/* Returns their number, or what is wrong with one. */
static int mappings_add(struct occupant *o, mappings_reach *reach_of, const char *why)
{
	int n = reach_of(&o->fs.volume, &o->reach);

	return n < 0 ? refuse(o, n, why) : n;
}

/* Closed, it has no size of its own: whatever is in it may fill it. */
static int luks_reach(struct occupant *o)
{
	int n;

	o->reach = 0;
	n = mappings_add(o, dm_crypt_reach, "its mapping is not by dm-crypt alone");
	if (n)
		return n < 0 ? n : 0;
	return refuse(o, -EOPNOTSUPP, "closed, it does not tell how far its data reach");
}

static int lvm_keep_out(struct occupant *o)
{
	if (!o->lock || o->lvm >= 0)
		return 0;
	o->lvm = lvm_lock(o->fs.volume.name);
	if (o->lvm >= 0)
		return 0;
	snprintf(o->why, sizeof(o->why), "cannot take LVM's lock: %s", strerror(-o->lvm));
	return o->lvm;
}

static int volume_reach(struct occupant *o)
{
	const char *why;
	int r, fd = volume_open(&o->fs.volume);

	if (fd < 0)
		return refuse(o, fd, strerror(-fd));
	r = lvm_pv_reach(fd, o->fs.volume.size, &o->reach, &why);
	close(fd);
	return r < 0 ? refuse(o, r, why) : 0;
}

/* What is active has to agree with the metadata, or somebody else than LVM is at work. */
static int lvm_reach(struct occupant *o)
{
	int n, r = lvm_keep_out(o);

	if (r == 0)
		r = volume_reach(o);
	if (r < 0)
		return r;
	n = mappings_add(o, dm_plain_reach, "a mapping on it is not as LVM makes them");
	if (n == 0 && o->hold < 0)
		return refuse(o, -EBUSY, "something else than LVM uses it");
	return n < 0 ? n : 0;
}

static int content_reach(struct occupant *o)
{
	char type[CONTENT_SIZE];
	int r = content_probe(&o->fs.volume, type);

	if (r < 0) {
		o->what[0] = '\0';
		return refuse(o, r, "nothing is found on it whose size could be told");
	}
	snprintf(o->what, sizeof(o->what), "%s", type);
	if (!strncmp(type, "ext", 3))
		return ext_reach(o);
	if (!strcmp(type, "LVM2_member"))
		return lvm_reach(o);
	if (!strcmp(type, "crypto_LUKS"))
		return luks_reach(o);
	/* Its superblock may be older than its log. */
	if (!strcmp(type, "xfs"))
		return refuse(o, -EOPNOTSUPP, "only a mounted one tells its size; mount it first");
	return refuse(o, -EOPNOTSUPP, "growctl cannot tell the size of this type");
}

/**
 * occupant_open() - find out what a partition holds and, where nothing uses it,
 * keep others from it
 * @mounts: of mounts_read(); @ret needs it as long as it lives
 * @volume: the partition
 * @lock: occupant_reach() waits for LVM's commands and keeps them out until occupant_close()
 * @ret: receives it, or @why; occupant_close() it in both cases
 *
 * Returns 0, or a negative errno where its size could not be told.
 */
int occupant_open(struct libmnt_table *mounts, const struct volume *volume, bool lock,
		  struct occupant *ret)
{
	int r;

	*ret = (struct occupant){ .hold = -1, .lock = lock, .lvm = -1, .fs.place.fd = -1 };
	r = fs_open(mounts, volume, &ret->fs);
	if (r == 0)
		return mounted_open(ret);
	if (r != -ENOENT)
		return refuse(ret, r, strerror(-r));
	ret->fs = (struct fs){ .bottom = *volume, .volume = *volume, .place.fd = -1 };
	ret->hold = hold(volume);
	if (ret->hold < 0 && ret->hold != -EBUSY)
		return refuse(ret, ret->hold, strerror(-ret->hold));
	return 0;
}

/**
 * occupant_reach() - how far it reaches now
 * @o: of occupant_open(); @what, @reach and @why are set
 *
 * Returns 0, or a negative errno where that cannot be told.
 */
int occupant_reach(struct occupant *o)
{
	return o->fs.ops ? mounted_reach(o) : content_reach(o);
}

/** occupant_close() - the end of occupant_open(), also after an error of it. */
void occupant_close(struct occupant *o)
{
	fs_close(&o->fs);
	if (o->hold >= 0)
		close(o->hold);
	if (o->lvm >= 0)
		close(o->lvm);
	o->hold = o->lvm = -1;
}
