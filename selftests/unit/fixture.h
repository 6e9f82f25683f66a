/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks in memory, with any GPT on them, byte by byte, and the core's view of one. */
#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include <livegrow/table.h>

#include "bytes.h"

#define MAX_SPEC_PARTS 4

#define TYPE_LINUX "0fc63daf-8483-4772-8e79-3d69d8477de4"
#define TYPE_SWAP "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"
#define TYPE_BIOS "21686148-6449-6e6f-744e-656564454649"
#define TYPE_BASIC "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"

/* Sparse: only what is written takes memory, so that many GiB are cheap. */
struct disk {
	u32 lba_size;
	u64 last_lba;
	u8 *bytes;
};

void disk_new(struct disk *disk, u32 lba_size, u64 last_lba);
void disk_free(struct disk *disk);
u8 *disk_at(const struct disk *disk, u64 lba);
bool disk_same(const struct disk *a, const struct disk *b);

struct spec_part {
	u32 number; /* 0: none */
	u64 first;
	u64 last;
	const char *type; /* NULL: TYPE_LINUX */
	u64 attributes;
};

/* What a table is to look like; 0 is what most disks have. */
struct spec {
	u32 lba_size; /* 512 */
	u64 last_lba; /* where the backup header is: no default */
	u32 header_size; /* 92 */
	u32 nr_entries; /* 128 */
	u32 entry_size; /* 128 */
	u64 array_lba; /* 2 */
	u64 first_usable; /* 34 */
	u64 last_usable; /* no default */
	u64 backup_array; /* in front of the backup header */
	u64 marker; /* none; otherwise LBA 1 is that of an unfinished commit */
	u32 mbr_size; /* last_lba */
	bool noise; /* bytes wherever the specification leaves room for some */
	struct spec_part parts[MAX_SPEC_PARTS];
};

void fixture_guid(const char *text, u8 *guid);
void fixture_write(struct disk *disk, const struct spec *spec);
/* A disk that ends at @last_lba, which may lie behind the spec's, with its table. */
void fixture_new(struct disk *disk, const struct spec *spec, u64 last_lba);
/* Give the partitions a content. */
void fixture_fill(struct disk *disk, const struct spec *spec);
void fixture_marker(u8 *header, u32 lba_size, u64 home);
u8 *fixture_entry(const struct disk *disk, u32 number);
/* Make the CRCs right again: a header's own, or LBA 1's of the array, too. */
void fixture_seal_header(u8 *header);
void fixture_seal(struct disk *disk);

/* Exact copies of what was read, so that the sanitizer sees a byte too many. */
struct loaded {
	struct lg_table table;
	struct lg_stale stale;
	u8 *mbr;
	u8 *header;
	u8 *array;
};

/* Reads as the module does. Freed by loaded_free(), whatever it returns. */
enum livegrow_reason fixture_load(const struct disk *disk, struct loaded *loaded);
/* Replace the array by what lies at @lba. */
void fixture_load_array(const struct disk *disk, struct loaded *loaded, u64 lba);
void loaded_free(struct loaded *loaded);

#endif /* UNIT_FIXTURE_H */
