/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_PARTDEV_H
#define LIVEGROW_COMPAT_PARTDEV_H

#include <linux/version.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)

#include_next <partdev.h>

#else

/*
 * A partition is a structure of its own. It has a block device only as long as
 * somebody looks: bdget_disk() makes one where there is none.
 */
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/genhd.h>
#include <linux/kobject.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>

#include "mount.h"

#ifndef CONFIG_64BIT
#error "this kernel keeps a partition's size under a lock that modules cannot take"
#endif

#define lg_partdev hd_struct

/* The mutex is for who reads the table anew, the other for del_gendisk(), which takes no mutex. */
static inline void lg_partdev_lock(struct block_device *whole)
{
	mutex_lock(&whole->bd_mutex);
	down_read(&whole->bd_disk->lookup_sem);
}

static inline void lg_partdev_unlock(struct block_device *whole)
{
	up_read(&whole->bd_disk->lookup_sem);
	mutex_unlock(&whole->bd_mutex);
}

static inline struct lg_partdev *lg_partdev_next(struct block_device *whole, u32 number)
{
	struct disk_part_tbl *table;
	struct lg_partdev *part;

	table = rcu_dereference_protected(whole->bd_disk->part_tbl,
					  lockdep_is_held(&whole->bd_mutex));
	for (; number < table->len; number++) {
		part = rcu_dereference_protected(table->part[number],
						 lockdep_is_held(&whole->bd_mutex));
		if (part)
			return part;
	}
	return NULL;
}

static inline void lg_partdev_get(struct lg_partdev *part)
{
	get_device(part_to_dev(part));
}

static inline void lg_partdev_put(struct lg_partdev *part)
{
	put_device(part_to_dev(part));
}

static inline u32 lg_partdev_number(const struct lg_partdev *part)
{
	return part->partno;
}

static inline sector_t lg_partdev_start(const struct lg_partdev *part)
{
	return part->start_sect;
}

static inline sector_t lg_partdev_nr_sectors(struct lg_partdev *part)
{
	return READ_ONCE(part->nr_sects);
}

static inline struct block_device *lg_partdev_bdget(struct lg_partdev *part)
{
	return bdget_disk(part_to_disk(part), part->partno);
}

static inline bool lg_partdev_is_held(struct lg_partdev *part)
{
	struct block_device *bdev = lg_partdev_bdget(part);
	bool held = bdev && READ_ONCE(bdev->bd_holder);

	if (bdev)
		bdput(bdev);
	return held;
}

/*
 * The partition's own mutex: its superblock's owner takes that to give the partition
 * back. It comes before the disk's, so the disk must not be locked.
 */
static inline enum lg_mount lg_partdev_mount(struct block_device *whole, u32 number)
{
	struct block_device *bdev = bdget_disk(whole->bd_disk, number);
	enum lg_mount mount;

	/* Without memory the careful answer is right: the module looks again. */
	if (!bdev)
		return LG_MOUNT_READ_ONLY;
	mutex_lock(&bdev->bd_mutex);
	mount = lg_mount_of(READ_ONCE(bdev->bd_super));
	mutex_unlock(&bdev->bd_mutex);
	bdput(bdev);
	return mount;
}

static inline bool lg_partdev_shows_mounts(void)
{
	return true;
}

static inline int lg_partdev_resize(struct lg_partdev *part, sector_t nr_sectors)
{
	struct block_device *bdev = lg_partdev_bdget(part);

	if (!bdev)
		return -ENOMEM;
	WRITE_ONCE(part->nr_sects, nr_sectors);
	bd_set_nr_sectors(bdev, nr_sectors);
	bdput(bdev);
	return 0;
}

/* Its first opener copies the size under the partition's mutex alone, an older one perhaps. */
static inline void lg_partdev_resized(struct lg_partdev *part)
{
	struct block_device *bdev = lg_partdev_bdget(part);

	if (!bdev)
		return;
	mutex_lock(&bdev->bd_mutex);
	if (bdev->bd_openers)
		bd_set_nr_sectors(bdev, lg_partdev_nr_sectors(bdev->bd_part));
	mutex_unlock(&bdev->bd_mutex);
	bdput(bdev);
}

static inline int lg_partdev_write_out(struct lg_partdev *part, loff_t from)
{
	struct block_device *bdev = lg_partdev_bdget(part);
	int err;

	if (!bdev)
		return -ENOMEM;
	err = filemap_write_and_wait_range(bdev->bd_inode->i_mapping, from, LLONG_MAX);
	bdput(bdev);
	return err;
}

static inline void lg_partdev_forget(struct lg_partdev *part, loff_t from)
{
	struct block_device *bdev = lg_partdev_bdget(part);

	/* Without one it has no pages either. */
	if (!bdev)
		return;
	truncate_inode_pages(bdev->bd_inode->i_mapping, round_up(from, PAGE_SIZE));
	bdput(bdev);
}

static inline void lg_partdev_uevent(struct lg_partdev *part, char *env[])
{
	kobject_uevent_env(&part_to_dev(part)->kobj, KOBJ_CHANGE, env);
}

#endif

#endif /* LIVEGROW_COMPAT_PARTDEV_H */
