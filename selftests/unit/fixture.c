// SPDX-License-Identifier: GPL-2.0-or-later
/* Disks in memory and GPTs written by the specification, without the core's help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fixture.h"

static const u8 disk_guid[16] = "livegrow's disk";

void disk_new(struct disk *disk, u32 lba_size, u64 last_lba)
{
	disk->lba_size = lba_size;
	disk->last_lba = last_lba;
	disk->bytes = mmap(NULL, (last_lba + 1) * lba_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (disk->bytes == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
}

void disk_free(struct disk *disk)
{
	munmap(disk->bytes, (disk->last_lba + 1) * disk->lba_size);
}

u8 *disk_at(const struct disk *disk, u64 lba)
{
	return disk->bytes + lba * disk->lba_size;
}

bool disk_same(const struct disk *a, const struct disk *b)
{
	for (u64 lba = 0; lba <= a->last_lba; lba++) {
		if (!memcmp(disk_at(a, lba), disk_at(b, lba), a->lba_size))
			continue;
		printf("# LBA %llu differs\n", (unsigned long long)lba);
		return false;
	}
	return true;
}

void fixture_guid(const char *text, u8 *guid)
{
	static const u8 place[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	unsigned int byte;

	for (int i = 0; i < 16; i++, text += 2) {
		text += *text == '-';
		if (sscanf(text, "%2x", &byte) != 1)
			abort();
		guid[place[i]] = (u8)byte;
	}
}

static struct spec complete(const struct spec *given)
{
	struct spec spec = *given;
	u64 array;

	spec.lba_size = spec.lba_size ?: 512;
	spec.header_size = spec.header_size ?: 92;
	spec.nr_entries = spec.nr_entries ?: 128;
	spec.entry_size = spec.entry_size ?: 128;
	spec.array_lba = spec.array_lba ?: 2;
	spec.first_usable = spec.first_usable ?: 34;
	spec.mbr_size = spec.mbr_size ?: (u32)spec.last_lba;
	array = (u64)spec.nr_entries * spec.entry_size;
	if (!spec.backup_array)
		spec.backup_array = spec.last_lba - (array + spec.lba_size - 1) / spec.lba_size;
	return spec;
}

static void make_noise(u8 *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (u8)(i * 7 + 1);
}

static void write_mbr(u8 *block, const struct spec *spec)
{
	static const u8 protective[12] = { 0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1 };

	if (spec->noise)
		make_noise(block, spec->lba_size);
	memset(block + 446, 0, 64);
	memcpy(block + 446, protective, sizeof(protective));
	put_le(block + 458, 4, spec->mbr_size);
	block[510] = 0x55;
	block[511] = 0xaa;
}

static void write_entry(u8 *entry, const struct spec_part *part, u32 entry_size, bool noise)
{
	if (noise)
		make_noise(entry, entry_size);
	fixture_guid(part->type ?: TYPE_LINUX, entry + E_TYPE);
	memset(entry + E_GUID, (int)part->number, 16);
	put_le(entry + E_FIRST, 8, part->first);
	put_le(entry + E_LAST, 8, part->last);
	put_le(entry + E_ATTRIBUTES, 8, part->attributes);
	for (int i = 0; i < 36; i++)
		put_le(entry + E_NAME + 2 * i, 2, 0x100 * part->number + (u32)i);
}

/* Unused entries have bytes behind their type, and so has the array's last block. */
static void write_array(u8 *array, const struct spec *spec)
{
	size_t size = (size_t)spec->nr_entries * spec->entry_size;
	size_t whole = (size + spec->lba_size - 1) / spec->lba_size * spec->lba_size;
	u32 i;

	if (spec->noise)
		make_noise(array, whole);
	for (i = 0; i < spec->nr_entries; i++)
		memset(array + (size_t)i * spec->entry_size, 0, 16);
	for (i = 0; i < MAX_SPEC_PARTS && spec->parts[i].number; i++)
		write_entry(array + (size_t)(spec->parts[i].number - 1) * spec->entry_size,
			    &spec->parts[i], spec->entry_size, spec->noise);
}

void fixture_seal_header(u8 *header)
{
	put_le(header + H_CRC, 4, 0);
	put_le(header + H_CRC, 4, own_crc(header, get_le(header + H_SIZE, 4)));
}

static void write_primary(struct disk *disk, const struct spec *spec)
{
	size_t size = (size_t)spec->nr_entries * spec->entry_size;
	u64 array_lba = spec->marker ? spec->backup_array : spec->array_lba;
	u8 *block = disk_at(disk, 1);

	if (spec->noise)
		make_noise(block, spec->lba_size - 16);
	memcpy(block, "EFI PART", 8);
	put_le(block + H_REVISION, 4, 0x10000);
	put_le(block + H_SIZE, 4, spec->header_size);
	put_le(block + 20, 4, 0);
	put_le(block + H_MY_LBA, 8, 1);
	put_le(block + H_ALTERNATE, 8, spec->last_lba);
	put_le(block + H_FIRST_USABLE, 8, spec->first_usable);
	put_le(block + H_LAST_USABLE, 8, spec->last_usable);
	memcpy(block + H_GUID, disk_guid, 16);
	put_le(block + H_ARRAY_LBA, 8, array_lba);
	put_le(block + H_NR_ENTRIES, 4, spec->nr_entries);
	put_le(block + H_ENTRY_SIZE, 4, spec->entry_size);
	put_le(block + H_ARRAY_CRC, 4, own_crc(disk_at(disk, spec->backup_array), size));
	fixture_seal_header(block);
}

static void write_backup(struct disk *disk, const struct spec *spec)
{
	u8 *block = disk_at(disk, spec->last_lba);

	memcpy(block, disk_at(disk, 1), spec->lba_size);
	put_le(block + H_MY_LBA, 8, spec->last_lba);
	put_le(block + H_ALTERNATE, 8, 1);
	put_le(block + H_ARRAY_LBA, 8, spec->backup_array);
	fixture_seal_header(block);
}

void fixture_write(struct disk *disk, const struct spec *given)
{
	const struct spec spec = complete(given);

	write_mbr(disk_at(disk, 0), &spec);
	write_array(disk_at(disk, spec.backup_array), &spec);
	if (!spec.marker)
		write_array(disk_at(disk, spec.array_lba), &spec);
	write_primary(disk, &spec);
	write_backup(disk, &spec);
	if (spec.marker)
		fixture_marker(disk_at(disk, 1), spec.lba_size, spec.marker);
}

void fixture_new(struct disk *disk, const struct spec *spec, u64 last_lba)
{
	disk_new(disk, spec->lba_size ?: 512, last_lba);
	fixture_write(disk, spec);
}

void fixture_fill(struct disk *disk, const struct spec *spec)
{
	const struct spec_part *part = spec->parts;

	for (; part < spec->parts + MAX_SPEC_PARTS && part->number; part++)
		memset(disk_at(disk, part->first), 0xa0 + (int)part->number,
		       (part->last - part->first + 1) * disk->lba_size);
}

void fixture_marker(u8 *header, u32 lba_size, u64 home)
{
	u8 *marker = header + lba_size - 16, covered[28];

	memcpy(marker, "grow", 4);
	put_le(marker + 8, 8, home);
	memcpy(covered, marker, 4);
	memcpy(covered + 4, marker + 8, 8);
	memcpy(covered + 12, header + H_GUID, 16);
	put_le(marker + 4, 4, own_crc(covered, sizeof(covered)));
}

u8 *fixture_entry(const struct disk *disk, u32 number)
{
	const u8 *header = disk_at(disk, 1);
	u64 size = get_le(header + H_ENTRY_SIZE, 4);

	return disk_at(disk, get_le(header + H_ARRAY_LBA, 8)) + (number - 1) * size;
}

void fixture_seal(struct disk *disk)
{
	u8 *header = disk_at(disk, 1);
	u64 size = get_le(header + H_NR_ENTRIES, 4) * get_le(header + H_ENTRY_SIZE, 4);

	put_le(header + H_ARRAY_CRC, 4,
	       own_crc(disk_at(disk, get_le(header + H_ARRAY_LBA, 8)), size));
	fixture_seal_header(header);
}

static u8 *copy(const struct disk *disk, u64 lba, u64 count)
{
	u8 *blocks = malloc(count * disk->lba_size);

	if (!blocks)
		abort();
	return memcpy(blocks, disk_at(disk, lba), count * disk->lba_size);
}

static void load_backup(const struct disk *disk, struct loaded *l)
{
	u8 *block = copy(disk, l->table.alternate, 1);
	u64 lba;

	lg_stale_read(&l->table, block, &l->stale);
	lba = lg_backup_array_lba(&l->table, block);
	l->table.backup_torn = !lba || !lg_backup_array_intact(&l->table, disk_at(disk, lba));
	free(block);
}

void fixture_load_array(const struct disk *disk, struct loaded *l, u64 lba)
{
	free(l->array);
	l->array = copy(disk, lba, l->table.array_lbas);
}

enum livegrow_reason fixture_load(const struct disk *disk, struct loaded *l)
{
	enum livegrow_reason reason;

	*l = (struct loaded){ .mbr = copy(disk, 0, 1), .header = copy(disk, 1, 1) };
	l->table.lba_size = disk->lba_size;
	l->table.last_lba = disk->last_lba;
	l->table.mbr = l->mbr;
	reason = lg_table_read_header(&l->table, l->header);
	if (reason)
		return reason;
	l->array = copy(disk, l->table.array_lba, l->table.array_lbas);
	reason = lg_table_read_array(&l->table, l->array);
	if (!reason && !l->table.unfinished)
		load_backup(disk, l);
	return reason;
}

void loaded_free(struct loaded *l)
{
	free(l->mbr);
	free(l->header);
	free(l->array);
}
