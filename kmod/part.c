// SPDX-License-Identifier: GPL-2.0-only
/* Read, grow and shrink live partitions. */
#include <linux/blkdev.h>
#include <partdev.h>

#include "part.h"

#define for_each_part(whole, part)						\
	for ((part) = lg_partdev_next(whole, 1); (part);			\
	     (part) = lg_partdev_next(whole, lg_partdev_number(part) + 1))

u32 lg_part_list(struct block_device *whole, struct lg_live *live, u32 max)
{
	struct lg_partdev *part;
	u32 nr = 0;

	lg_partdev_lock(whole);
	for_each_part(whole, part) {
		if (nr == max)
			break;
		live[nr++] = (struct lg_live){
			.number = lg_partdev_number(part),
			.start = lg_partdev_start(part),
			.nr_sectors = lg_partdev_nr_sectors(part),
		};
	}
	lg_partdev_unlock(whole);
	return nr;
}

/* Find the first partition from a number on that has a holder. Return: 0 if none has. */
static u32 next_held(struct block_device *whole, u32 number)
{
	struct lg_partdev *part;
	u32 found = 0;

	lg_partdev_lock(whole);
	part = lg_partdev_next(whole, number);
	while (part && !lg_partdev_is_held(part))
		part = lg_partdev_next(whole, lg_partdev_number(part) + 1);
	if (part)
		found = lg_partdev_number(part);
	lg_partdev_unlock(whole);
	return found;
}

/* The caller has found a held partition. */
static enum lg_use use_of_held(struct block_device *whole)
{
	enum lg_use use = LG_USE_READ_ONLY;
	u32 number;

	for (number = next_held(whole, 1); number; number = next_held(whole, number + 1)) {
		switch (lg_partdev_mount(whole, number)) {
		case LG_MOUNT_WRITABLE:
			return LG_USE_PARTITION;
		case LG_MOUNT_UNSEEN:
			use = LG_USE_UNSEEN;
			break;
		default:
			break;
		}
	}
	return use;
}

enum lg_use lg_part_use(struct block_device *whole)
{
	enum lg_use use = LG_USE_NONE;
	struct lg_partdev *part;

	lg_partdev_lock(whole);
	for_each_part(whole, part)
		if (lg_partdev_is_held(part))
			use = LG_USE_PARTITION;
	/* A held partition marks the whole disk too, for exclusive openers. */
	if (use == LG_USE_NONE && READ_ONCE(whole->bd_holder))
		use = LG_USE_WHOLE;
	lg_partdev_unlock(whole);
	return use == LG_USE_PARTITION ? use_of_held(whole) : use;
}

void lg_part_holding(struct block_device *whole, u32 number, struct lg_holding *ret)
{
	ret->is_held = next_held(whole, number) == number;
	ret->mount = lg_partdev_mount(whole, number);
	ret->shows_mounts = lg_partdev_shows_mounts();
}

static bool overlaps_another(struct block_device *whole, u32 number, sector_t start,
			     sector_t nr_sectors)
{
	struct lg_partdev *part;

	for_each_part(whole, part)
		if (lg_partdev_number(part) != number &&
		    start < lg_partdev_start(part) + lg_partdev_nr_sectors(part) &&
		    lg_partdev_start(part) < start + nr_sectors)
			return true;
	return false;
}

static bool is_aligned(struct block_device *whole, sector_t nr_sectors)
{
	sector_t lba_sectors = bdev_logical_block_size(whole) >> SECTOR_SHIFT;

	return !(nr_sectors & (lba_sectors - 1));
}

static int check_growth(struct block_device *whole, struct lg_partdev *part,
			sector_t start, sector_t nr_sectors)
{
	sector_t capacity = get_capacity(whole->bd_disk);

	if (start != lg_partdev_start(part) || nr_sectors < lg_partdev_nr_sectors(part) ||
	    !is_aligned(whole, nr_sectors))
		return -EINVAL;
	if (nr_sectors > capacity || start > capacity - nr_sectors)
		return -EINVAL;
	if (overlaps_another(whole, lg_partdev_number(part), start, nr_sectors))
		return -EBUSY;
	return 0;
}

static int check_shrinkage(struct block_device *whole, struct lg_partdev *part,
			   sector_t start, sector_t nr_sectors)
{
	if (start != lg_partdev_start(part) || nr_sectors > lg_partdev_nr_sectors(part) ||
	    !nr_sectors || !is_aligned(whole, nr_sectors))
		return -EINVAL;
	return 0;
}

/* The disk is locked by lg_partdev_lock(). */
static struct lg_partdev *find(struct block_device *whole, u32 number)
{
	struct lg_partdev *part = number ? lg_partdev_next(whole, number) : NULL;

	return part && lg_partdev_number(part) == number ? part : NULL;
}

/*
 * A uevent walks from the partition's device to its parents. del_gendisk(), and a tool
 * that has the kernel read the table again, remove that device under the disk's lock, so
 * the uevent is sent under it, too, as the kernel does for partitions that come and go.
 * A partition that was removed meanwhile sends none.
 */
static void announce(struct block_device *whole, struct lg_partdev *part)
{
	char *env[] = { "RESIZE=1", NULL };

	lg_partdev_lock(whole);
	if (find(whole, lg_partdev_number(part)) == part)
		lg_partdev_uevent(part, env);
	lg_partdev_unlock(whole);
}

static int resize(struct lg_partdev *part, sector_t nr_sectors, sector_t *ret_old)
{
	sector_t old = lg_partdev_nr_sectors(part);
	int err = lg_partdev_resize(part, nr_sectors);

	if (!err)
		*ret_old = old;
	return err;
}

int lg_part_grow(struct block_device *whole, u32 number, sector_t start,
		 sector_t nr_sectors, sector_t *ret_old)
{
	struct lg_partdev *part;
	int err;

	lg_partdev_lock(whole);
	part = find(whole, number);
	err = part ? check_growth(whole, part, start, nr_sectors) : -ENXIO;
	if (!err)
		err = resize(part, nr_sectors, ret_old);
	if (!err)
		lg_partdev_get(part);
	lg_partdev_unlock(whole);
	if (err)
		return err;
	lg_partdev_resized(part);
	announce(whole, part);
	lg_partdev_put(part);
	return 0;
}

/* The caller gives the partition back by lg_partdev_put(). */
static struct lg_partdev *get_part(struct block_device *whole, u32 number)
{
	struct lg_partdev *part;

	lg_partdev_lock(whole);
	part = find(whole, number);
	if (part)
		lg_partdev_get(part);
	lg_partdev_unlock(whole);
	return part;
}

static int shrink(struct block_device *whole, struct lg_partdev *part, sector_t start,
		  sector_t nr_sectors, sector_t *ret_old)
{
	int err = -ENXIO;

	lg_partdev_lock(whole);
	/* The kernel may have read the table again since. */
	if (find(whole, lg_partdev_number(part)) == part)
		err = check_shrinkage(whole, part, start, nr_sectors);
	if (!err)
		err = resize(part, nr_sectors, ret_old);
	lg_partdev_unlock(whole);
	return err;
}

/*
 * The caller vouches that nothing behind the new end is needed. If that is wrong, another
 * growth brings the data back: dirty pages there are written out first, since later the
 * kernel would drop them without an error. Clean pages are forgotten: otherwise the
 * partition would show them again when it grows, whatever the disk holds by then.
 */
int lg_part_shrink(struct block_device *whole, u32 number, sector_t start,
		   sector_t nr_sectors, sector_t *ret_old)
{
	loff_t end = (loff_t)nr_sectors << SECTOR_SHIFT;
	struct lg_partdev *part = get_part(whole, number);
	int err;

	if (!part)
		return -ENXIO;
	err = lg_partdev_write_out(part, end);
	if (!err)
		err = shrink(whole, part, start, nr_sectors, ret_old);
	if (!err) {
		lg_partdev_resized(part);
		/* The page that the new end lies in stays. */
		lg_partdev_forget(part, end);
		announce(whole, part);
	}
	lg_partdev_put(part);
	return err;
}
