// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the rules can name one of the machine's disks by, as far as they ask for it.
 * Where it cannot be found out, that is kept as a doubt: no error, and not nothing.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <libmount.h>

#include "btrfs_sysfs.h"
#include "facts.h"
#include "fstab.h"
#include "mounts.h"
#include "sysfs.h"
#include "tags.h"

#define BY_ID "/dev/disk/by-id/"

/**
 * struct disk - a disk while its facts are gathered
 * @volumes: the disk itself, then its partitions
 * @tags: of each of @volumes, where @has_tags
 */
struct disk {
	const struct conf *conf;
	struct volume *volumes;
	struct tags *tags;
	size_t n;
	bool has_tags;
	struct facts facts;
};

static char *space_trim(char *text)
{
	size_t n;

	text += strspn(text, " \t\n");
	n = strlen(text);
	while (n && strchr(" \t\n", text[n - 1]))
		n--;
	text[n] = '\0';
	return text;
}

/**
 * serial_read() - a disk's serial number
 * @disk: the disk's name
 * @ret: receives it without spaces at its ends; "" where it has none
 *
 * Returns 0 or a negative errno.
 */
int serial_read(const char *disk, char ret[SERIAL_SIZE])
{
	static const char *const files[] = { "serial", "device/serial" };
	char path[64 + NAME_SIZE], text[SERIAL_SIZE];
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "/sys/block/%s/%s", disk, files[i]);
		r = sysfs_read(AT_FDCWD, path, text, sizeof(text));
	}
	if (r < 0 && r != -ENOENT)
		return r;
	snprintf(ret, SERIAL_SIZE, "%s", r == 0 ? space_trim(text) : "");
	return 0;
}

static int names_gather(struct disk *d)
{
	const char *name = d->volumes[0].name;
	char serial[SERIAL_SIZE];
	int r = facts_add(&d->facts, CONF_NAME, name);

	if (r < 0 || !(conf_asks(d->conf, CONF_SERIAL) || conf_asks(d->conf, CONF_LINK)))
		return r;
	r = serial_read(name, serial);
	if (r == 0)
		return serial[0] ? facts_add(&d->facts, CONF_SERIAL, serial) : 0;
	facts_doubt(&d->facts, CONF_SERIAL, name, strerror(-r));
	return 0;
}

static bool has_number(const struct disk *d, dev_t dev)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->volumes[i].dev == dev)
			return true;
	return false;
}

/* Whether udev has made all the links that it ever makes; it keeps a file of each device then. */
static bool udev_is_done(const struct disk *d)
{
	char path[64];

	for (size_t i = 0; i < d->n; i++) {
		snprintf(path, sizeof(path), "/run/udev/data/b%u:%u", major(d->volumes[i].dev),
			 minor(d->volumes[i].dev));
		if (access(path, F_OK) < 0)
			return false;
	}
	return true;
}

/* udev's link of that name is made of nothing else. */
static bool is_virtio_link(const struct disk *d, const char *link)
{
	const char *serial = d->facts.n[CONF_SERIAL] ? d->facts.has[CONF_SERIAL][0] : "";

	return serial[0] && !strncmp(d->volumes[0].name, "vd", 2) && !strncmp(link, "virtio-", 7) &&
	       !strcmp(link + 7, serial);
}

/* 1 where a node is the disk or one of its partitions, 0 where it is not, or a negative errno. */
static int node_is_of(const struct disk *d, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISBLK(st.st_mode) && has_number(d, st.st_rdev);
	if (errno != ENOENT)
		return -errno;
	return udev_is_done(d) ? 0 : -EAGAIN;
}

static const char *node_why(int err)
{
	return err == -EAGAIN ? "udev has not named its links yet" : strerror(-err);
}

static int link_gather(struct disk *d, const char *link)
{
	char path[sizeof(BY_ID) + PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s%s", link[0] == '/' ? "" : BY_ID, link);
	r = is_virtio_link(d, link) ? 1 : node_is_of(d, path);
	if (r < 0)
		facts_doubt(&d->facts, CONF_LINK, d->volumes[0].name, node_why(r));
	return r > 0 ? facts_add(&d->facts, CONF_LINK, link) : 0;
}

static int links_gather(struct disk *d)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < d->conf->n_rules; i++)
		if (d->conf->rules[i].kind == CONF_LINK)
			r = link_gather(d, d->conf->rules[i].text);
	return r;
}

static const char *tags_why(int err)
{
	if (err == -ENOTUNIQ)
		return "it holds traces of several filesystems";
	if ((err == -EACCES || err == -EPERM) && geteuid())
		return "only root can read its label";
	return strerror(-err);
}

/* What cannot be read makes a doubt for @kind. A drive without a medium has nothing to read. */
static int tags_gather(struct disk *d, enum conf_kind kind)
{
	int r;

	for (size_t i = 0; i < d->n; i++) {
		r = d->volumes[i].size ? tags_read(&d->volumes[i], &d->tags[i]) : 0;
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			facts_doubt(&d->facts, kind, d->volumes[i].name, tags_why(r));
	}
	return 0;
}

static int labels_gather(struct disk *d)
{
	int r = 0;

	if (!conf_asks(d->conf, CONF_LABEL))
		return 0;
	r = tags_gather(d, CONF_LABEL);
	d->has_tags = !d->facts.doubt[CONF_LABEL][0];
	for (size_t i = 0; r == 0 && i < d->n; i++)
		if (d->tags[i].text[TAG_LABEL][0])
			r = facts_add(&d->facts, CONF_LABEL, d->tags[i].text[TAG_LABEL]);
	return r;
}

/* Its mounts have a number of their own, and name one of its devices as their source. */
static bool btrfs_is_of(const struct disk *d, struct libmnt_fs *fs)
{
	char source[NAME_SIZE], uuid[BTRFS_UUID_TEXT];

	/* What is no path of a device is not to be looked at: a dead server would not answer. */
	if (major(mnt_fs_get_devno(fs)) || !mnt_fs_get_fstype(fs) ||
	    strcmp(mnt_fs_get_fstype(fs), "btrfs") ||
	    volume_name_of_path(mnt_fs_get_srcpath(fs), source) < 0)
		return false;
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(source, d->volumes[i].name) ||
		    (btrfs_of_device(source, uuid) == 0 &&
		     btrfs_has_device(uuid, d->volumes[i].name)))
			return true;
	return false;
}

static int mounted_gather(struct disk *d)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_table *mounts;
	struct libmnt_fs *fs;
	int r = it ? mounts_read(&mounts) : -ENOMEM;

	if (r < 0) {
		mnt_free_iter(it);
		facts_doubt(&d->facts, CONF_MOUNTPOINT, "/proc/self/mountinfo", strerror(-r));
		return r == -ENOMEM ? r : 0;
	}
	while (r == 0 && mnt_table_next_fs(mounts, it, &fs) == 0)
		if (mnt_fs_get_target(fs) &&
		    (has_number(d, mnt_fs_get_devno(fs)) || btrfs_is_of(d, fs)))
			r = facts_add(&d->facts, CONF_MOUNTPOINT, mnt_fs_get_target(fs));
	mnt_free_iter(it);
	mnt_unref_table(mounts);
	return r;
}

static int tag_is_of(struct disk *d, const char *tag, const char *value)
{
	int r = d->has_tags ? 0 : tags_gather(d, CONF_MOUNTPOINT);

	if (r < 0)
		return r;
	d->has_tags = true;
	for (size_t i = 0; i < d->n; i++)
		if (tags_have(&d->tags[i], tag, value))
			return 1;
	return 0;
}

/* Whether what fstab mounts lies on the disk, as far as that can be told. */
static int source_is_of(struct disk *d, struct libmnt_fs *fs)
{
	const char *tag, *value, *path = mnt_fs_get_srcpath(fs);
	int r;

	if (mnt_fs_get_tag(fs, &tag, &value) == 0)
		return tag_is_of(d, tag, value);
	if (!path || strncmp(path, "/dev/", 5))
		return 0;
	r = node_is_of(d, path);
	if (r < 0)
		facts_doubt(&d->facts, CONF_MOUNTPOINT, path, node_why(r));
	return r > 0;
}

/* The text of the rule that asks for a mountpoint, which is without a slash at its end; or NULL. */
static const char *mountpoint_asked(const struct conf *conf, const char *target)
{
	size_t n = target ? strlen(target) : 0;

	while (n > 1 && target[n - 1] == '/')
		n--;
	for (size_t i = 0; i < conf->n_rules && n; i++) {
		const struct conf_rule *rule = &conf->rules[i];

		if (rule->kind == CONF_MOUNTPOINT && strlen(rule->text) == n &&
		    !memcmp(rule->text, target, n))
			return rule->text;
	}
	return NULL;
}

static int fstab_gather(struct disk *d)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_table *table;
	struct libmnt_fs *fs;
	const char *text;
	int r = it ? fstab_read(&table) : -ENOMEM;

	if (r < 0) {
		mnt_free_iter(it);
		facts_doubt(&d->facts, CONF_MOUNTPOINT, "/etc/fstab",
			    r == -EINVAL ? "it has a line that cannot be read" : strerror(-r));
		return r == -ENOMEM ? r : 0;
	}
	while (r == 0 && mnt_table_next_fs(table, it, &fs) == 0) {
		text = mountpoint_asked(d->conf, mnt_fs_get_target(fs));
		r = text ? source_is_of(d, fs) : 0;
		if (r > 0)
			r = facts_add(&d->facts, CONF_MOUNTPOINT, text);
	}
	mnt_free_iter(it);
	mnt_unref_table(table);
	return r;
}

static int mountpoints_gather(struct disk *d)
{
	int r;

	if (!conf_asks(d->conf, CONF_MOUNTPOINT))
		return 0;
	r = mounted_gather(d);
	return r < 0 ? r : fstab_gather(d);
}

/* The disk, then its partitions. */
static int volumes_gather(const char *disk, struct disk *d)
{
	struct volume *list, whole;
	size_t n;
	int r = volume_read(disk, &whole);

	if (r < 0 || whole.number)
		return r < 0 ? r : -ENODEV;
	r = volumes_of_disk(disk, &list, &n);
	if (r < 0)
		return r;
	if (n == 1 && !list[0].number)
		n = 0;
	d->n = n + 1;
	d->volumes = calloc(d->n, sizeof(*d->volumes));
	d->tags = calloc(d->n, sizeof(*d->tags));
	if (d->volumes && d->tags) {
		d->volumes[0] = whole;
		memcpy(d->volumes + 1, list, n * sizeof(*list));
	}
	free(list);
	return d->volumes && d->tags ? 0 : -ENOMEM;
}

/**
 * facts_of_disk() - what rules can name a disk by
 * @conf: the rules; what none of them asks for is not looked up
 * @disk: the disk's name
 * @ret: receives it; facts_free() it
 *
 * Returns 0, -ENODEV where there is no such disk, or another negative errno.
 */
int facts_of_disk(const struct conf *conf, const char *disk, struct facts *ret)
{
	struct disk d = { .conf = conf };
	int r = volumes_gather(disk, &d);

	if (r == 0)
		r = names_gather(&d);
	if (r == 0)
		r = links_gather(&d);
	if (r == 0)
		r = labels_gather(&d);
	if (r == 0)
		r = mountpoints_gather(&d);
	free(d.volumes);
	free(d.tags);
	if (r < 0)
		facts_free(&d.facts);
	else
		*ret = d.facts;
	return r;
}
