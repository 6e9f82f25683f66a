/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPT counts logical blocks, so it can be read only with the block size that it was made
 * for. A host that attaches the disk with another one makes a sound table look damaged.
 */
#ifndef LIVEGROW_OTHERSIZE_H
#define LIVEGROW_OTHERSIZE_H

#include <livegrow/platform.h>

/* Bytes from the disk's start: any usual entry array lies in them. */
#define LG_OTHER_BYTES		(128U << 10)

/* For the size that the table has, and the disk's own. */
#define LG_OTHER_WORDS \
	"the table was made for %u-byte blocks, but the host attaches the disk with %u"

/**
 * struct lg_other - a GPT that was made for another block size
 * @lba_size: bytes of its blocks, or 0 if there is no such table
 * @is_whole: its header and its entry array have right CRCs
 */
struct lg_other {
	u32 lba_size;
	bool is_whole;
};

/**
 * lg_other_find() - is there a GPT that was made for another block size?
 * @start: the disk's first bytes
 * @size: number of them, at most LG_OTHER_BYTES
 * @lba_size: bytes of a logical block, as the disk is attached
 *
 * A signature in LBA 1 is the disk's own table, however damaged it is, and what there is of
 * another size is older, unless it lies in the entry array that a valid LBA 1 names. Without
 * a signature there, another table may be damaged, too: its header or its entry array has a
 * right CRC.
 *
 * Return: the table, if there is one.
 */
struct lg_other lg_other_find(const u8 *start, size_t size, u32 lba_size);

#endif /* LIVEGROW_OTHERSIZE_H */
