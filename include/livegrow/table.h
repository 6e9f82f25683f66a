/* SPDX-License-Identifier: GPL-2.0-only */
/* One disk's table, read and found sound. Everything here counts in LBAs. */
#ifndef LIVEGROW_TABLE_H
#define LIVEGROW_TABLE_H

#include <livegrow/gpt.h>
#include <linux/livegrow.h>

/* The kernel names no partition beyond this one (DISK_MAX_PARTS). */
#define LG_MAX_PARTS		256

/* Smaller disks hold no table worth growing, and have no room for ours. */
#define LG_MIN_LBAS		8

/* As the kernel's own parser, which reads the array in one allocation. */
#define LG_MAX_ARRAY_BYTES	(4U << 20)

struct lg_part {
	u32 number;		/* from 1, the array's index plus 1 */
	u64 first;
	u64 last;
};

struct lg_table {
	u32 lba_size;		/* bytes */
	u64 last_lba;		/* of the disk, as it is now */

	u64 alternate;		/* where LBA 1 says that the backup header is */
	u64 first_usable;
	u64 last_usable;
	u64 array_lba;		/* where LBA 1 says that the array is */
	u64 home_lba;		/* where it belongs: the same, or the marker's H */
	u32 array_lbas;		/* its length, E */
	u32 nr_entries;
	u32 entry_size;		/* bytes */
	bool unfinished;	/* a commit stopped between its steps 2 and 4 */
	bool backup_torn;	/* no whole backup at the alternate LBA */

	u32 nr_parts;
	struct lg_part parts[LG_MAX_PARTS];

	/* The blocks themselves, the caller's */
	const u8 *mbr;
	const u8 *header;	/* NULL: its CRC, its place or the array's shape is wrong */
	const u8 *array;
};

/* The backup that a commit leaves behind it. No LBAs: there is none. */
struct lg_stale {
	u64 header_lba;
	u64 array_lba;
	u32 array_lbas;
};

/**
 * lg_table_read_head() - take over the disk's first blocks, after checking them
 * @table: lba_size and last_lba set
 * @head: LBA 0 and LBA 1
 *
 * What LBA 0 announces, and then as lg_table_read_header().
 *
 * Return: LIVEGROW_REASON_NONE, or why nothing may be done with this disk.
 */
enum livegrow_reason lg_table_read_head(struct lg_table *table, const u8 *head);

/**
 * lg_table_read_header() - take over the primary header, after checking it
 * @table: lba_size and last_lba set
 * @header: LBA 1
 *
 * Afterwards array_lba and array_lbas say what to read next: a range inside
 * the disk of at most LG_MAX_ARRAY_BYTES.
 *
 * Return: LIVEGROW_REASON_NONE, or why nothing may be done with this disk.
 */
enum livegrow_reason lg_table_read_header(struct lg_table *table, const u8 *header);

/**
 * lg_table_read_array() - take over the entry array, after checking it
 * @table: lg_table_read_header() succeeded
 * @array: array_lbas blocks from array_lba on
 *
 * Return: LIVEGROW_REASON_NONE, or why nothing may be done with this disk.
 */
enum livegrow_reason lg_table_read_array(struct lg_table *table, const u8 *array);

/**
 * lg_table_array_is_named() - does LBA 1 have the CRC of this array?
 * @table: lg_table_read_header() took its header over
 * @array: array_lbas blocks
 */
bool lg_table_array_is_named(const struct lg_table *table, const u8 *array);

/**
 * lg_table_read_entries() - take over the partitions of an entry array
 * @table: lg_table_read_header() took its header over
 * @array: array_lbas blocks; their CRC is not checked
 *
 * Return: LIVEGROW_REASON_NONE, or what is wrong with an entry.
 */
enum livegrow_reason lg_table_read_entries(struct lg_table *table, const u8 *array);

/**
 * lg_table_is_home() - could the entry array belong here?
 * @table: lg_table_read_header() succeeded
 * @lba: its first block
 *
 * Between LBA 1 and the first usable one.
 */
bool lg_table_is_home(const struct lg_table *table, u64 lba);

/**
 * lg_table_usable_end() - the last usable LBA of a table that ends with its backup
 * @table: lg_table_read_header() succeeded
 * @last_lba: of a disk that may be of another size than the present one
 *
 * Return: the last LBA in front of the backup array, or 0 if there is none.
 */
u64 lg_table_usable_end(const struct lg_table *table, u64 last_lba);

/**
 * lg_table_last_part() - the last partition by offset, or NULL
 * @table: a table with its array
 */
const struct lg_part *lg_table_last_part(const struct lg_table *table);

/**
 * lg_table_entry() - a partition's entry
 * @table: a table with its array
 * @number: 1 to nr_entries
 */
const struct lg_gpt_entry *lg_table_entry(const struct lg_table *table, u32 number);

/**
 * lg_table_is_free() - is a range outside every partition?
 * @table: a table with its array
 * @lba: first block
 * @count: blocks, at least one
 */
bool lg_table_is_free(const struct lg_table *table, u64 lba, u64 count);

/**
 * lg_stale_read() - which blocks a displaced backup leaves behind
 * @table: a table with its array
 * @block: the block at the table's alternate LBA
 * @stale: filled with what may be zeroed
 *
 * Only what a valid header with this disk's GUID describes, and of that only
 * what lies outside every partition, the primary table, and the blocks that
 * the new backup takes.
 */
void lg_stale_read(const struct lg_table *table, const u8 *block, struct lg_stale *stale);

/**
 * lg_backup_array_lba() - where the backup's entry array is to be read
 * @table: a table with its array
 * @block: the block at the table's alternate LBA
 *
 * Return: its first LBA, array_lbas blocks inside the disk, or 0 when the block is
 * no header that says the same as the primary.
 */
u64 lg_backup_array_lba(const struct lg_table *table, const u8 *block);

/**
 * lg_backup_array_intact() - does the backup's array say the same as the primary's?
 * @table: a table with its array
 * @array: what was read at lg_backup_array_lba()
 */
bool lg_backup_array_intact(const struct lg_table *table, const u8 *array);

#endif /* LIVEGROW_TABLE_H */
