/* SPDX-License-Identifier: GPL-2.0-only */
/* A partition that is a member of an md array may not be enlarged under it. */
#ifndef LIVEGROW_MD_H
#define LIVEGROW_MD_H

#include <livegrow/platform.h>

#define LG_MD_PLACES	2

#define LG_MD_WORDS	"a member of an md array with its superblock at the end"

/**
 * lg_md_places() - where a member keeps a superblock that its end moves
 * @nr_sectors: the partition's size, in 512-byte sectors
 * @places: filled, in 512-byte sectors from the partition's start
 *
 * Return: how many there are: 0 in a partition that is too small for a member.
 */
u32 lg_md_places(u64 nr_sectors, u64 places[LG_MD_PLACES]);

/**
 * lg_md_is_superblock() - does this block begin a superblock of md?
 * @block: 512 bytes at least, what lies at @place
 * @place: one of those of lg_md_places()
 */
bool lg_md_is_superblock(const u8 *block, u64 place);

#endif /* LIVEGROW_MD_H */
