// SPDX-License-Identifier: GPL-2.0-only
/* Live partitions, under the disk's open_mutex. */
#include <linux/blkdev.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/xarray.h>

#include "part.h"

/* Index 0 is the whole disk. */
#define for_each_part(disk, index, part) \
	xa_for_each_start(&(disk)->part_tbl, index, part, 1)

u32 lg_part_list(struct gendisk *disk, struct lg_live *live, u32 max)
{
	struct block_device *part;
	unsigned long index;
	u32 nr = 0;

	mutex_lock(&disk->open_mutex);
	for_each_part(disk, index, part) {
		if (nr == max)
			break;
		live[nr++] = (struct lg_live){
			.number = bdev_partno(part),
			.start = part->bd_start_sect,
			.nr_sectors = bdev_nr_sectors(part),
		};
	}
	mutex_unlock(&disk->open_mutex);
	return nr;
}

enum lg_use lg_part_use(struct gendisk *disk)
{
	enum lg_use use = LG_USE_NONE;
	struct block_device *part;
	unsigned long index;

	mutex_lock(&disk->open_mutex);
	for_each_part(disk, index, part)
		if (READ_ONCE(part->bd_holder))
			use = LG_USE_PARTITION;
	/* A held partition marks the whole disk too, for exclusive openers. */
	if (use == LG_USE_NONE && READ_ONCE(disk->part0->bd_holder))
		use = LG_USE_WHOLE;
	mutex_unlock(&disk->open_mutex);
	return use;
}

static bool overlaps_another(struct gendisk *disk, u32 number, sector_t start,
			     sector_t nr_sectors)
{
	struct block_device *part;
	unsigned long index;

	for_each_part(disk, index, part)
		if (bdev_partno(part) != number &&
		    start < part->bd_start_sect + bdev_nr_sectors(part) &&
		    part->bd_start_sect < start + nr_sectors)
			return true;
	return false;
}

static bool is_aligned(struct gendisk *disk, sector_t nr_sectors)
{
	sector_t lba_sectors = queue_logical_block_size(disk->queue) >> SECTOR_SHIFT;

	return !(nr_sectors & (lba_sectors - 1));
}

static int check_growth(struct gendisk *disk, struct block_device *part,
			sector_t start, sector_t nr_sectors)
{
	if (start != part->bd_start_sect || nr_sectors < bdev_nr_sectors(part) ||
	    !is_aligned(disk, nr_sectors))
		return -EINVAL;
	if (nr_sectors > get_capacity(disk) || start > get_capacity(disk) - nr_sectors)
		return -EINVAL;
	if (overlaps_another(disk, bdev_partno(part), start, nr_sectors))
		return -EBUSY;
	return 0;
}

static void set_nr_sectors(struct block_device *part, sector_t nr_sectors)
{
	spin_lock(&part->bd_size_lock);
	i_size_write(part->bd_mapping->host, (loff_t)nr_sectors << SECTOR_SHIFT);
	part->bd_nr_sectors = nr_sectors;
	spin_unlock(&part->bd_size_lock);
}

static void announce(struct block_device *part)
{
	char *env[] = { "RESIZE=1", NULL };

	kobject_uevent_env(bdev_kobj(part), KOBJ_CHANGE, env);
}

int lg_part_grow(struct gendisk *disk, u32 number, sector_t start,
		 sector_t nr_sectors, sector_t *ret_old)
{
	struct block_device *part;
	int err;

	mutex_lock(&disk->open_mutex);
	part = number ? xa_load(&disk->part_tbl, number) : NULL;
	err = part ? check_growth(disk, part, start, nr_sectors) : -ENXIO;
	if (!err) {
		*ret_old = bdev_nr_sectors(part);
		set_nr_sectors(part, nr_sectors);
		get_device(&part->bd_device);
	}
	mutex_unlock(&disk->open_mutex);
	if (err)
		return err;
	announce(part);
	put_device(&part->bd_device);
	return 0;
}

static int check_shrinkage(struct gendisk *disk, struct block_device *part,
			   sector_t start, sector_t nr_sectors)
{
	if (start != part->bd_start_sect || nr_sectors > bdev_nr_sectors(part) ||
	    !nr_sectors || !is_aligned(disk, nr_sectors))
		return -EINVAL;
	return 0;
}

/* For put_device(), or NULL. */
static struct block_device *get_part(struct gendisk *disk, u32 number)
{
	struct block_device *part;

	mutex_lock(&disk->open_mutex);
	part = number ? xa_load(&disk->part_tbl, number) : NULL;
	if (part)
		get_device(&part->bd_device);
	mutex_unlock(&disk->open_mutex);
	return part;
}

static int shrink(struct gendisk *disk, struct block_device *part, sector_t start,
		  sector_t nr_sectors, sector_t *ret_old)
{
	int err = -ENXIO;

	mutex_lock(&disk->open_mutex);
	/* The table may have been read anew since. */
	if (xa_load(&disk->part_tbl, bdev_partno(part)) == part)
		err = check_shrinkage(disk, part, start, nr_sectors);
	if (!err) {
		*ret_old = bdev_nr_sectors(part);
		set_nr_sectors(part, nr_sectors);
	}
	mutex_unlock(&disk->open_mutex);
	return err;
}

/*
 * Behind the new end lies nothing that the caller needs. Should it be wrong, then
 * what was written there is on the disk, and another growth brings it back: dirty
 * pages are written out as long as the partition reaches them, later they would
 * silently not be. The cached ones go: the partition would show them again when it
 * grows, whatever the disk holds there by then.
 */
int lg_part_shrink(struct gendisk *disk, u32 number, sector_t start,
		   sector_t nr_sectors, sector_t *ret_old)
{
	loff_t end = (loff_t)nr_sectors << SECTOR_SHIFT;
	struct block_device *part = get_part(disk, number);
	int err;

	if (!part)
		return -ENXIO;
	err = filemap_write_and_wait_range(part->bd_mapping, end, LLONG_MAX);
	if (!err)
		err = shrink(disk, part, start, nr_sectors, ret_old);
	if (!err) {
		/* The page that the new end lies in stays. */
		truncate_inode_pages(part->bd_mapping, round_up(end, PAGE_SIZE));
		announce(part);
	}
	put_device(&part->bd_device);
	return err;
}
