/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A live partition as the block layer has it. Kernels that have it otherwise are
 * served by a header of the same name in compat-include/.
 *
 * @whole is always a whole disk that the caller has opened.
 */
#ifndef LIVEGROW_PARTDEV_H
#define LIVEGROW_PARTDEV_H

#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>

#include "mount.h"

#define lg_partdev block_device

/** lg_partdev_lock() - let no partition of the disk come, go or change its size */
static inline void lg_partdev_lock(struct block_device *whole)
{
	mutex_lock(&whole->bd_disk->open_mutex);
}

/** lg_partdev_unlock() - the inverse of lg_partdev_lock() */
static inline void lg_partdev_unlock(struct block_device *whole)
{
	mutex_unlock(&whole->bd_disk->open_mutex);
}

/**
 * lg_partdev_next() - the first partition from a number on
 * @whole: the disk, locked by lg_partdev_lock()
 * @number: the least one, from 1
 *
 * Return: NULL where there is none.
 */
static inline struct lg_partdev *lg_partdev_next(struct block_device *whole, u32 number)
{
	unsigned long index = number;

	return xa_find(&whole->bd_disk->part_tbl, &index, ULONG_MAX, XA_PRESENT);
}

/** lg_partdev_get() - keep a partition's structures, though not the partition, beyond the lock */
static inline void lg_partdev_get(struct lg_partdev *part)
{
	get_device(&part->bd_device);
}

/** lg_partdev_put() - the inverse of lg_partdev_get() */
static inline void lg_partdev_put(struct lg_partdev *part)
{
	put_device(&part->bd_device);
}

/** lg_partdev_number() - its number, from 1 */
static inline u32 lg_partdev_number(const struct lg_partdev *part)
{
	return bdev_partno(part);
}

/** lg_partdev_start() - its first sector of 512 bytes */
static inline sector_t lg_partdev_start(const struct lg_partdev *part)
{
	return part->bd_start_sect;
}

/** lg_partdev_nr_sectors() - its size in sectors of 512 bytes */
static inline sector_t lg_partdev_nr_sectors(struct lg_partdev *part)
{
	return bdev_nr_sectors(part);
}

/** lg_partdev_is_held() - does a mount, swap, dm or the like hold it? */
static inline bool lg_partdev_is_held(struct lg_partdev *part)
{
	return READ_ONCE(part->bd_holder);
}

#ifndef lg_partdev_super
/**
 * lg_partdev_super() - the superblock of the filesystem on a partition
 * @part: of a locked disk
 *
 * A filesystem also holds the device of its external journal or log.
 *
 * Return: NULL if there is none, or if the kernel does not show it to modules.
 */
static inline const struct super_block *lg_partdev_super(const struct lg_partdev *part)
{
#ifdef LG_HAVE_FS_HOLDER_OPS
	const struct super_block *super;

	if (part->bd_holder_ops != &fs_holder_ops)
		return NULL;
	super = READ_ONCE(part->bd_holder);
	return super && READ_ONCE(super->s_bdev) == part ? super : NULL;
#else
	return NULL;
#endif
}
#endif

/** lg_partdev_shows_mounts() - does the kernel show the mount of a filesystem on one device? */
static inline bool lg_partdev_shows_mounts(void)
{
#if defined(lg_partdev_super) || defined(LG_HAVE_FS_HOLDER_OPS)
	return true;
#else
	return false;
#endif
}

/**
 * lg_partdev_mount() - how the filesystem of a partition is mounted
 * @whole: the disk
 * @number: of the partition, from 1
 *
 * A filesystem on several devices, such as btrfs, may not be visible.
 *
 * The superblock stays as long as the disk is locked: its owner gives the partition
 * back under the same lock before the superblock is freed.
 *
 * Context: takes the disk's lock.
 */
static inline enum lg_mount lg_partdev_mount(struct block_device *whole, u32 number)
{
	enum lg_mount mount = LG_MOUNT_UNSEEN;
	struct lg_partdev *part;

	lg_partdev_lock(whole);
	part = lg_partdev_next(whole, number);
	if (part && lg_partdev_number(part) == number)
		mount = lg_mount_of(lg_partdev_super(part));
	lg_partdev_unlock(whole);
	return mount;
}

/**
 * lg_partdev_resize() - give a partition another size
 * @part: of a locked disk
 * @nr_sectors: in sectors of 512 bytes
 *
 * Context: takes the partition's bd_size_lock. Return: 0 or -ENOMEM.
 */
static inline int lg_partdev_resize(struct lg_partdev *part, sector_t nr_sectors)
{
	spin_lock(&part->bd_size_lock);
	i_size_write(part->bd_mapping->host, (loff_t)nr_sectors << SECTOR_SHIFT);
	part->bd_nr_sectors = nr_sectors;
	spin_unlock(&part->bd_size_lock);
	return 0;
}

/**
 * lg_partdev_resized() - make sure that who opens it meanwhile has its new size
 * @part: kept by lg_partdev_get(), its disk no longer locked
 */
static inline void lg_partdev_resized(struct lg_partdev *part)
{
}

/** lg_partdev_write_out() - write out what is dirty from a byte of it on; 0 or a negative errno */
static inline int lg_partdev_write_out(struct lg_partdev *part, loff_t from)
{
	return filemap_write_and_wait_range(part->bd_mapping, from, LLONG_MAX);
}

/** lg_partdev_forget() - drop the pages of it that begin at a byte or behind it */
static inline void lg_partdev_forget(struct lg_partdev *part, loff_t from)
{
	truncate_inode_pages(part->bd_mapping, round_up(from, PAGE_SIZE));
}

/**
 * lg_partdev_uevent() - send a change uevent of it with variables of its own
 * @part: of a locked disk
 * @env: the variables, each "NAME=VALUE", and NULL
 */
static inline void lg_partdev_uevent(struct lg_partdev *part, char *env[])
{
	kobject_uevent_env(bdev_kobj(part), KOBJ_CHANGE, env);
}

#endif /* LIVEGROW_PARTDEV_H */
