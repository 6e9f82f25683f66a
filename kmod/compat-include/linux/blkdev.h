/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_LINUX_BLKDEV_H
#define LIVEGROW_COMPAT_LINUX_BLKDEV_H

#include <linux/version.h>
#include_next <linux/blkdev.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)

/* The number of sectors that requests are held to, which are new at once. */
#define bdev_nr_sectors(bdev)	READ_ONCE((bdev)->bd_part->nr_sects)
#define bdev_nr_bytes(bdev)	((loff_t)bdev_nr_sectors(bdev) << SECTOR_SHIFT)

/* It is up before its partitions are read, but has sent no uevent then. */
static inline bool disk_live(struct gendisk *disk)
{
	return disk->flags & GENHD_FL_UP && !dev_get_uevent_suppress(disk_to_dev(disk));
}

static inline struct gendisk *lg_compat_alloc_disk(int node)
{
	return alloc_disk_node(1, node) ?: ERR_PTR(-ENOMEM);
}

#define blk_alloc_disk(lim, node) ((void)(lim), lg_compat_alloc_disk(node))

/* Media have no number: anything that stays. A capacity of 0 between them is noticed. */
#define diskseq first_minor

#define blkdev_issue_flush(bdev) blkdev_issue_flush(bdev, GFP_NOIO)

#elif LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)

#undef blk_alloc_disk
#define blk_alloc_disk(lim, node)						\
({										\
	static struct lock_class_key __key;					\
										\
	(void)(lim);								\
	__blk_alloc_disk(node, &__key) ?: ERR_PTR(-ENOMEM);			\
})

#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)

/* A filesystem holds its device as its type, and is named beside that. */
#define lg_partdev_super(part)	READ_ONCE((part)->bd_super)

#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)

/*
 * A block device is opened as itself, not as a file. The handle is only ever
 * given back to file_bdev() and bdev_fput(), so it may as well be the device.
 */
#define BLK_OPEN_READ	FMODE_READ
#define BLK_OPEN_WRITE	FMODE_WRITE

static inline struct file *bdev_file_open_by_dev(dev_t dev, fmode_t mode, void *holder,
						 const void *hops)
{
	return (struct file *)blkdev_get_by_dev(dev, mode, holder);
}

static inline struct block_device *file_bdev(struct file *file)
{
	return (struct block_device *)file;
}

static inline void bdev_fput(struct file *file)
{
	blkdev_put(file_bdev(file), FMODE_READ | FMODE_WRITE);
}

#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)

#define bdev_partno(bdev) ((bdev)->bd_partno)
#define bd_mapping bd_inode->i_mapping

#endif

#endif /* LIVEGROW_COMPAT_LINUX_BLKDEV_H */
