/* SPDX-License-Identifier: GPL-2.0-only */
/* The partitions that the kernel has, held against those of the table. */
#ifndef LIVEGROW_LIVE_H
#define LIVEGROW_LIVE_H

#include <livegrow/table.h>

struct lg_live {
	u32 number;
	u64 start;		/* 512-byte sectors */
	u64 nr_sectors;		/* 512-byte sectors */
};

/**
 * lg_live_find() - find the live partition with a number
 * @live: the kernel's partitions, in any order
 * @nr: how many
 * @number: from 1
 *
 * Return: NULL if the kernel has no such partition.
 */
const struct lg_live *lg_live_find(const struct lg_live *live, u32 nr, u32 number);

/**
 * lg_live_agrees() - do table and kernel say the same?
 * @table: a table with its array
 * @live: the kernel's partitions, in any order
 * @nr: how many
 * @resuming: number of a partition that may still be smaller live, or 0
 */
bool lg_live_agrees(const struct lg_table *table, const struct lg_live *live, u32 nr,
		    u32 resuming);

/**
 * lg_live_agrees_but() - likewise, with the size of one partition left out
 * @table: a table with its array
 * @live: the kernel's partitions, in any order
 * @nr: how many
 * @but: number of the partition of which the start alone is compared, or 0
 */
bool lg_live_agrees_but(const struct lg_table *table, const struct lg_live *live, u32 nr,
			u32 but);

#endif /* LIVEGROW_LIVE_H */
