/* SPDX-License-Identifier: GPL-2.0-only */
/* The partitions that the kernel has of a disk. */
#ifndef LIVEGROW_PART_H
#define LIVEGROW_PART_H

#include <linux/types.h>
#include <livegrow/content.h>
#include <livegrow/live.h>

struct block_device;

/**
 * lg_part_list() - the live partitions
 * @whole: the disk, opened
 * @live: filled
 * @max: elements of @live
 *
 * Context: takes the disk's open_mutex.
 * Return: how many there are, @max at most.
 */
u32 lg_part_list(struct block_device *whole, struct lg_live *live, u32 max);

enum lg_use {
	LG_USE_NONE,
	LG_USE_READ_ONLY,	/* of partitions alone, each mounted read-only */
	LG_USE_UNSEEN,		/* of partitions: none is seen to be writable */
	LG_USE_PARTITION,	/* a partition is mounted writable */
	LG_USE_WHOLE,		/* the whole disk has one */
};

/**
 * lg_part_use() - who uses the disk here; mere openers do not count
 * @whole: the disk, opened
 *
 * Context: takes the disk's open_mutex. The answer may be old when it is given.
 */
enum lg_use lg_part_use(struct block_device *whole);

/**
 * lg_part_holding() - how a partition is used here
 * @whole: the disk, opened
 * @number: of the partition
 * @ret: its fields mount, is_held and shows_mounts are filled
 *
 * Context: takes the disk's open_mutex. The answer may be old when it is given.
 */
void lg_part_holding(struct block_device *whole, u32 number, struct lg_holding *ret);

/**
 * lg_part_grow() - grow a live partition, mounted or not
 * @whole: the disk, opened
 * @number: of the partition, from 1
 * @start: 512-byte sector, must be where the partition starts
 * @nr_sectors: new size in 512-byte sectors, a multiple of the logical block
 * @ret_old: its size before, in 512-byte sectors
 *
 * Does what BLKPG_RESIZE_PARTITION does, with the checks that the ioctl lacks
 * up to 6.11, and sends the change uevent that it never sends.
 *
 * Context: takes the disk's open_mutex, and in it the partition's bd_size_lock.
 * Return: 0, -ENXIO without such a partition, -EINVAL for another start, a
 * smaller or unaligned size or an end past the disk, -EBUSY for an overlap.
 */
int lg_part_grow(struct block_device *whole, u32 number, sector_t start,
		 sector_t nr_sectors, sector_t *ret_old);

/**
 * lg_part_shrink() - make a live partition smaller, mounted or not
 * @whole: the disk, opened
 * @number: of the partition, from 1
 * @start: 512-byte sector, must be where the partition starts
 * @nr_sectors: new size in 512-byte sectors, a multiple of the logical block
 * @ret_old: its size before, in 512-byte sectors
 *
 * For a rollback alone, whose caller vouches that nothing in it reaches further.
 *
 * Context: as lg_part_grow(), and may wait for I/O before.
 * Return: 0, -ENXIO without such a partition, -EINVAL for another start, no size,
 * a larger or an unaligned one, or the errno of what could not be written out.
 */
int lg_part_shrink(struct block_device *whole, u32 number, sector_t start,
		   sector_t nr_sectors, sector_t *ret_old);

#endif /* LIVEGROW_PART_H */
