// SPDX-License-Identifier: GPL-2.0-or-later
/* The layouts, small, so that a million of their disks can be looked at. */
#include <string.h>

#include <linux/livegrow.h>

#include "layouts.h"

#define TAIL LIVEGROW_FLAG_FREE_TAIL

/* clang-format off */
const struct layout layouts[] = {
	{ .name = "default", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "bytes wherever the specification leaves room", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 1 } } } },
	{ .name = "256 entries", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8126, .nr_entries = 256, .noise = true,
	    .first_usable = 66,
	    .parts = { { 1, 2048, 4095, 0, 0 }, { 200, 4096, 8126, 0, 0 } } } },
	{ .name = "array at LBA 16, a stale copy at LBA 2", .last_lba = 16383, .end = 14335,
	  .array_copy = 2, .copy_lbas = 14,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .array_lba = 16, .noise = true,
	    .first_usable = 2048,
	    .parts = { { 1, 2048, 4095, TYPE_SWAP, 0 }, { 2, 4096, 8158, 0, 0 } } } },
	{ .name = "array at LBA 2008, a stale copy at LBA 2", .last_lba = 16383, .end = 14335,
	  .array_copy = 2, .copy_lbas = 32,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .array_lba = 2008, .noise = true,
	    .first_usable = 2048, .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "blocks of 4096", .last_lba = 2047, .end = 1791,
	  .spec = { .lba_size = 4096, .last_lba = 1023, .first_usable = 6, .noise = true,
	    .last_usable = 1018,
	    .parts = { { 1, 6, 255, TYPE_BIOS, 0 }, { 2, 256, 1018, 0, 0 } } } },
	{ .name = "blocks of 4096, by 3 of them", .last_lba = 1026, .end = 1021, .align = 4096,
	  .spec = { .lba_size = 4096, .last_lba = 1023, .first_usable = 6, .noise = true,
	    .last_usable = 1018, .parts = { { 1, 256, 1018, 0, 0 } } } },
	{ .name = "first partition at LBA 34", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 4 }, { 2, 2048, 8158, 0, 1 } } } },
	{ .name = "last partition ends mid-page", .last_lba = 16385, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 34, 2046, TYPE_BIOS, 0 }, { 2, 2047, 8157, 0, 0 } } } },
	{ .name = "a start that is no whole MiB, a size that is", .last_lba = 16383, .end = 14336,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2049, 6144, 0, 0 } } } },
	{ .name = "start 2049, a size of whole 4 KiB", .last_lba = 16383, .end = 16344,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2049, 8152, 0, 0 } } } },
	{ .name = "by 1 LBA, across a boundary of 1 MiB", .last_lba = 8224, .end = 8191,
	  .spec = { .last_lba = 8223, .last_usable = 8190, .noise = true,
	    .parts = { { 1, 2048, 8190, 0, 0 } } } },
	{ .name = "by 20 LBAs, across a boundary of 1 MiB", .last_lba = 8230, .end = 8191,
	  .spec = { .last_lba = 8210, .last_usable = 8177, .noise = true,
	    .parts = { { 1, 2048, 8177, 0, 0 } } } },
	{ .name = "by 20 LBAs, all of them taken", .last_lba = 8211, .end = 8178, .align = 512,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 8158, 0, 0 } } } },
	{ .name = "by 32 LBAs", .last_lba = 8223, .end = 8190, .align = 512,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "by 33 LBAs", .last_lba = 8224, .end = 8191, .align = 512,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "by 20 LBAs, too few to grow: relocated", .last_lba = 8211, .end = 8158,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "swap last: relocated", .last_lba = 16383, .end = 8158,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 4095, 0, 0 }, { 2, 4096, 8158, TYPE_SWAP, 0 } } } },
	{ .name = "no partition: relocated", .last_lba = 16383,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true } },
	{ .name = "a free tail on command", .last_lba = 16383, .end = 14335, .flags = TAIL,
	  .spec = { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 } } } },
	{ .name = "a free tail on command, after sgdisk -e", .last_lba = 18475, .end = 18431, .flags = TAIL,
	  .spec = { .last_lba = 18475, .last_usable = 16428, .backup_array = 16429,
	    .first_usable = 2048, .noise = true, .parts = { { 1, 2048, 8191, 0, 0 } } } },
	{ .name = "backup array where sgdisk -e puts it", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 6144, .backup_array = 6145,
	    .first_usable = 2048, .noise = true, .parts = { { 1, 2048, 6144, 0, 0 } } } },
	{ .name = "backup array right behind the partition", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 6143, .backup_array = 6144,
	    .noise = true, .parts = { { 1, 2048, 6143, 0, 0 } } } },
	{ .name = "partition 1 last by offset", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 4096, 8158, 0, 0 }, { 2, 2048, 4095, 0, 0 } } } },
	{ .name = "64 entries at LBA 16", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8174, .nr_entries = 64, .array_lba = 16,
	    .first_usable = 2048, .noise = true, .parts = { { 64, 2048, 8174, 0, 0 } } } },
	{ .name = "44 entries", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8179, .nr_entries = 44, .first_usable = 13,
	    .noise = true, .parts = { { 44, 2048, 8179, 0, 0 } } } },
	{ .name = "44 entries, by 7 LBAs", .last_lba = 8198, .end = 8186, .align = 512,
	  .spec = { .last_lba = 8191, .last_usable = 8179, .nr_entries = 44, .first_usable = 13,
	    .noise = true, .parts = { { 1, 2048, 8179, 0, 0 } } } },
	{ .name = "5 entries, bytes behind them in the array's last block", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8188, .nr_entries = 5,
	    .first_usable = 2048, .noise = true, .parts = { { 5, 2048, 8188, 0, 0 } } } },
	{ .name = "4 entries", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8189, .nr_entries = 4, .first_usable = 3,
	    .noise = true, .parts = { { 4, 3, 8189, 0, 0 } } } },
	{ .name = "a protective MBR of any size", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true, .mbr_size = 0xffffffff,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "the protective MBR's size alone", .last_lba = 8191, .end = 8158,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true, .mbr_size = 4095,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "the backup header names the primary's array", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .backup_array = 2, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
	{ .name = "the backup header names an array inside a partition", .last_lba = 16383, .end = 14335,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .backup_array = 3000, .noise = true,
	    .parts = { { 1, 2048, 4095, 0, 0 }, { 2, 4096, 8158, 0, 0 } } } },
	{ .name = "rolled back", .last_lba = 16383, .back = true, .end = 8158,
	  .spec = { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 34, 2047, TYPE_BIOS, 4 }, { 2, 2048, 14335, 0, 1 } } } },
	{ .name = "rolled back by 1 LBA, partition 1 last by offset", .last_lba = 16383,
	  .back = true, .end = 16349,
	  .spec = { .last_lba = 16383, .last_usable = 16350, .noise = true,
	    .parts = { { 1, 4096, 16350, TYPE_SWAP, 0 }, { 2, 2048, 4095, 0, 0 } } } },
	{ .name = "rolled back, blocks of 4096", .last_lba = 2047, .back = true, .end = 1018,
	  .spec = { .lba_size = 4096, .last_lba = 2047, .first_usable = 6, .noise = true,
	    .last_usable = 2042, .parts = { { 1, 256, 1791, 0, 0 } } } },
	{ .name = "rolled back, 256 entries at LBA 16", .last_lba = 16383, .back = true, .end = 8126,
	  .spec = { .last_lba = 16383, .last_usable = 16318, .nr_entries = 256, .array_lba = 16,
	    .first_usable = 2048, .noise = true, .parts = { { 200, 2048, 14335, 0, 0 } } } },
	{ .name = "rolled back, backup array right behind the partition", .last_lba = 16383,
	  .back = true, .end = 4095,
	  .spec = { .last_lba = 16383, .last_usable = 8191, .backup_array = 8192, .noise = true,
	    .parts = { { 1, 2048, 8191, 0, 0 } } } },
	{ .name = "this disk's backup of an earlier life in the new space", .last_lba = 16383, .end = 14335,
	  .ghost = true,
	  .spec = { .last_lba = 8191, .last_usable = 8158, .noise = true,
	    .parts = { { 1, 2048, 8158, 0, 0 } } } },
};
/* clang-format on */

const u32 nr_layouts = sizeof(layouts) / sizeof(layouts[0]);

bool layout_commanded(const struct layout *layout)
{
	return layout->flags || layout->back;
}

u32 layout_align(const struct layout *layout)
{
	return layout->align ?: 1048576;
}

u32 layout_array_lbas(const struct layout *layout)
{
	u32 lba_size = layout->spec.lba_size ?: 512;

	return ((layout->spec.nr_entries ?: 128) * 128 + lba_size - 1) / lba_size;
}

static void fill(struct disk *disk)
{
	for (u64 lba = 0; lba <= disk->last_lba; lba++)
		for (u32 i = 0; i < disk->lba_size; i++)
			disk_at(disk, lba)[i] = (u8)(lba * 31 + i * 7 + 5);
}

/* Its array, its header: valid, as of a day when the last partition was smaller. */
static void write_ghost(struct disk *disk, const struct layout *layout)
{
	struct spec spec = layout->spec;
	struct disk other;

	for (u32 i = 0; i < MAX_SPEC_PARTS && spec.parts[i].number; i++)
		spec.parts[i].last -= 1024;
	spec.last_lba = layout->last_lba;
	fixture_new(&other, &spec, layout->last_lba);
	memcpy(disk_at(disk, layout->spec.last_lba + 1), disk_at(&other, layout->spec.last_lba + 1),
	       (layout->last_lba - layout->spec.last_lba) * disk->lba_size);
	disk_free(&other);
}

static void clear_table_area(struct disk *disk, const struct spec *spec)
{
	u64 first_usable = spec->first_usable ?: 34;

	memset(disk_at(disk, 0), 0, first_usable * disk->lba_size);
	if (spec->backup_array)
		memset(disk_at(disk, spec->backup_array), 0, 32 * disk->lba_size);
	memset(disk_at(disk, spec->last_usable + 1), 0,
	       (spec->last_lba - spec->last_usable) * disk->lba_size);
}

void layout_disk(const struct layout *layout, struct disk *disk)
{
	disk_new(disk, layout->spec.lba_size ?: 512, layout->last_lba + MAX_MORE_LBAS);
	fill(disk);
	if (layout->ghost)
		write_ghost(disk, layout);
	clear_table_area(disk, &layout->spec);
	fixture_write(disk, &layout->spec);
	fixture_fill(disk, &layout->spec);
	if (layout->array_copy)
		memcpy(disk_at(disk, layout->array_copy),
		       disk_at(disk, layout->spec.array_lba ?: 2),
		       (size_t)layout->copy_lbas * disk->lba_size);
}
