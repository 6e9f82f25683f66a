// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How all that is made of a volume is used: the filesystem on it, and the mappings, arrays and
 * partitions above it, up to their filesystems.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "btrfs_seed.h"
#include "content.h"
#include "dm.h"
#include "filesystem.h"
#include "fs_offline.h"
#include "holder.h"
#include "loop.h"
#include "stack.h"
#include "tags.h"

/* LVM on LUKS on RAID has three layers, and LVM itself may add three. */
#define DEPTH_MAX 8

#define LUKS "crypto_LUKS"
#define LVM "LVM2_member"

/**
 * struct walk - a walk up from one volume
 * @below: the volume whose holders are visited
 * @content: libblkid's word for the content of @below; "" for none
 * @depth: number of layers beneath @below
 * @mount: the result of a walk for mounts so far
 * @growth: the result of a walk for growth so far
 */
struct walk {
	struct libmnt_table *mounts;
	const struct volume *below;
	char content[CONTENT_SIZE];
	int depth;
	enum lg_mount mount;
	enum stack_growth growth;
};

typedef int (*step_fn)(const struct volume *above, void *walk);

static bool is_read_only(const struct volume *v)
{
	char text[4];

	return volume_attribute_read(v->name, "ro", text, sizeof(text)) < 0 || text[0] != '0';
}

static const char *holder_type(const struct volume *v, struct holder *buf)
{
	*buf = (struct holder){ 0 };
	return holder_read(v->name, buf) < 0 ? "" : buf->type;
}

/* An array or a DRBD device may have a partition table, and its partitions are no holders. */
static int partitions_each(const struct volume *v, step_fn step, void *walk)
{
	struct volume *volumes;
	size_t n;
	int r = 0;

	if (v->number || volumes_of_disk(v->name, &volumes, &n) < 0)
		return 0;
	for (size_t i = 0; i < n && r == 0; i++)
		if (volumes[i].number)
			r = step(&volumes[i], walk);
	free(volumes);
	return r;
}

static void each_above(struct walk *walk, step_fn step)
{
	if (walk->depth < DEPTH_MAX && holders_each(walk->below, step, walk) <= 0 &&
	    loops_each(walk->below, step, walk) <= 0)
		partitions_each(walk->below, step, walk);
}

static enum lg_mount mount_walk(struct libmnt_table *mounts, const struct volume *v, int depth);

/* A peer may write to what DRBD has here. On a read-only device nothing is mounted writable. */
static enum lg_mount holder_mount(const struct walk *walk, const struct volume *above)
{
	struct holder buf;

	if (!strcmp(holder_type(above, &buf), CONTENT_DRBD))
		return LG_MOUNT_WRITABLE;
	if (is_read_only(above))
		return LG_MOUNT_READ_ONLY;
	return mount_walk(walk->mounts, above, walk->depth + 1);
}

static int mount_step(const struct volume *above, void *arg)
{
	struct walk *walk = arg;
	enum lg_mount how = holder_mount(walk, above);

	if (how > walk->mount)
		walk->mount = how;
	return walk->mount == LG_MOUNT_WRITABLE;
}

static enum lg_mount mount_walk(struct libmnt_table *mounts, const struct volume *v, int depth)
{
	struct walk walk = { .mounts = mounts, .below = v, .depth = depth };

	walk.mount = fs_mount_of(mounts, v);
	if (walk.mount == LG_MOUNT_UNSEEN)
		each_above(&walk, mount_step);
	return walk.mount;
}

/**
 * stack_mount_of() - how the filesystems on a volume, and on all that is made of it, are mounted
 * @mounts: of mounts_read()
 * @volume: the partition or disk
 *
 * A mapping, an array or a loop device that is read-only counts as a filesystem that is mounted
 * read-only.
 *
 * Returns LG_MOUNT_WRITABLE where one of them is mounted writable, LG_MOUNT_READ_ONLY where all
 * that are mounted are read-only, or LG_MOUNT_UNSEEN.
 */
enum lg_mount stack_mount_of(struct libmnt_table *mounts, const struct volume *volume)
{
	return mount_walk(mounts, volume, 0);
}

static bool is_seed(const struct volume *v, const char *type)
{
	return !strcmp(type, "btrfs") && btrfs_is_seed(v);
}

/* Agents of clouds read FAT with one of these labels, which may stand in its root folder only. */
static bool is_config_drive(const struct volume *v, const char *type)
{
	struct tags tags;

	return (!strcmp(type, "vfat") || !strcmp(type, "msdos")) && tags_read(v, &tags) == 0 &&
	       (!strcasecmp(tags.text[TAG_LABEL], "config-2") ||
		!strcasecmp(tags.text[TAG_LABEL], "cidata"));
}

static enum stack_growth growth_of_mounted(const struct volume *v, const char *type)
{
	return fs_never_grows(type) || is_seed(v, type) || is_config_drive(v, type) ? STACK_FIXED :
										      STACK_GROWS;
}

static enum stack_growth growth_of_unused(const struct volume *v, const char *content)
{
	if (!content_growable(content) || is_seed(v, content))
		return STACK_FIXED;
	return strcmp(content, LUKS) ? STACK_GROWS : STACK_CLOSED;
}

/* mdadm --grow gives these more of their members. */
static bool is_array_that_grows(const struct volume *v)
{
	static const char *const levels[] = { "raid1", "raid4", "raid5", "raid6", "raid10" };
	char level[16];

	if (volume_attribute_read(v->name, "md/level", level, sizeof(level)) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strcmp(level, levels[i]))
			return true;
	return false;
}

/*
 * Linear and striped mappings that end before their device, as those of a table in a partition
 * do, have a size that was chosen. LVM's leave space for other volumes.
 */
static bool ends_early(const struct volume *below)
{
	uint64_t reach = 0;

	return dm_plain_reach(below, &reach) > 0 && reach < below->size;
}

static enum stack_growth growth_walk(struct libmnt_table *mounts, const struct volume *v,
				     int depth);

/*
 * LVM can give space to any volume of its group, and DRBD has its metadata found by the module.
 * VeraCrypt, BitLocker and FileVault keep their size in their headers, and VeraCrypt finds the
 * backup of its header by the end of the partition. LUKS beneath another mapping has integrity
 * tags, and cryptsetup does not resize it.
 */
static enum stack_growth growth_of_holder(const struct walk *walk, const struct volume *above)
{
	struct holder buf;
	const char *type = holder_type(above, &buf);

	if (!strcmp(type, LVM) || !strcmp(type, CONTENT_DRBD))
		return STACK_GROWS;
	if (type[0] && !content_growable(type))
		return STACK_FIXED;
	if (!strcmp(walk->content, LUKS) && strcmp(type, LUKS))
		return STACK_FIXED;
	if (!strncmp(above->name, "md", strlen("md")) && !above->number &&
	    !is_array_that_grows(above))
		return STACK_FIXED;
	if (loop_is_partial(above) || ends_early(walk->below))
		return STACK_FIXED;
	return growth_walk(walk->mounts, above, walk->depth + 1);
}

static int growth_step(const struct volume *above, void *arg)
{
	struct walk *walk = arg;
	enum stack_growth growth = growth_of_holder(walk, above);

	if (growth > walk->growth)
		walk->growth = growth;
	return walk->growth == STACK_GROWS;
}

static int on_loop(const struct volume *loop, void *arg)
{
	(void)loop;
	(void)arg;
	return 1;
}

static bool has_above(const struct volume *v)
{
	return volume_is_linked(v->name, "holders") || loops_each(v, on_loop, NULL) > 0 ||
	       (!v->number && disk_has_partitions(v->name));
}

static enum stack_growth growth_walk(struct libmnt_table *mounts, const struct volume *v, int depth)
{
	struct walk walk = { .mounts = mounts, .below = v, .depth = depth };
	char type[CONTENT_SIZE];

	if (fs_mount_type(mounts, v, type) != LG_MOUNT_UNSEEN)
		return growth_of_mounted(v, type);
	if (content_probe(v, walk.content) < 0)
		walk.content[0] = '\0';
	if (!has_above(v))
		return growth_of_unused(v, walk.content);
	each_above(&walk, growth_step);
	return walk.growth;
}

/**
 * stack_growth_of() - whether what is on a volume, and on all that is made of it, can use more
 * @mounts: of mounts_read()
 * @volume: the partition or disk; it is read, and so is what is made of it
 *
 * The mounted filesystem counts, however it is mounted; without one what is made of the volume;
 * without that, its content.
 */
enum stack_growth stack_growth_of(struct libmnt_table *mounts, const struct volume *volume)
{
	return growth_walk(mounts, volume, 0);
}
