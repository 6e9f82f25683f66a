/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A dead primary: which backup may stand in for it, and how it is brought back.
 * The disk is never searched: stale headers lie around on it. A backup counts only
 * where the dead LBA 1, the protective MBR, the end of the disk, or what was heard
 * before it grew says that one is.
 */
#ifndef LIVEGROW_RECOVER_H
#define LIVEGROW_RECOVER_H

#include <livegrow/plan.h>

#define LG_MAX_PLACES	4

/**
 * lg_recover_places() - where a backup header is to be looked for
 * @table: lba_size, last_lba and mbr set
 * @dead: LBA 1
 * @heard_last: last LBA of the disk before a growth that was heard, or last_lba
 * @places: filled with LBAs behind LBA 1 and inside the disk
 *
 * Return: how many, no two alike; those that are most to be relied on first.
 */
u32 lg_recover_places(const struct lg_table *table, const u8 *dead, u64 heard_last,
		      u64 places[LG_MAX_PLACES]);

/**
 * lg_recover_is_named() - does the dead LBA 1 itself say that its backup is here?
 * @dead: LBA 1
 * @lba: a place
 */
bool lg_recover_is_named(const u8 *dead, u64 lba);

/**
 * lg_recover_header() - the LBA 1 that a backup header stands for
 * @table: lba_size and last_lba set; the rest is filled as by lg_table_read_header()
 * @dead: LBA 1
 * @backup: the block at @lba
 * @lba: one of lg_recover_places()
 * @made: one logical block, filled; @table points to it
 *
 * The array's home is the one that @dead names, where that is possible, or LBA 2.
 *
 * Return: LIVEGROW_REASON_NONE, LIVEGROW_REASON_BOTH_DAMAGED where no backup
 * header lies, or what is wrong with it.
 */
enum livegrow_reason lg_recover_header(struct lg_table *table, const u8 *dead,
				       const u8 *backup, u64 lba, u8 *made);

/**
 * lg_recover_array_lba() - where the backup's entry array is to be read
 * @table: of lg_recover_header()
 * @backup: likewise
 *
 * Return: its first LBA, array_lbas blocks inside the disk, or 0.
 */
u64 lg_recover_array_lba(const struct lg_table *table, const u8 *backup);

/**
 * lg_recover_is_stale() - was there a later table than the backup's?
 * @table: of lg_recover_header()
 * @dead: LBA 1
 *
 * Something that still can be read says that the disk's table went further.
 */
bool lg_recover_is_stale(const struct lg_table *table, const u8 *dead);

/**
 * lg_plan_recover() - the writes that bring a dead primary back
 * @table: of lg_recover_header(), with the backup's array, and sound
 * @dead: LBA 1
 * @backup: the backup header
 * @over: array_lbas blocks, as they lie at the array's home
 * @plan: the answer; points into all of these
 *
 * The array at its home, then LBA 1; until that one is valid, the backup is.
 */
void lg_plan_recover(const struct lg_table *table, const u8 *dead, const u8 *backup,
		     const u8 *over, struct lg_plan *plan);

#endif /* LIVEGROW_RECOVER_H */
