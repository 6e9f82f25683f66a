// SPDX-License-Identifier: GPL-2.0-only
/*
 * From blocks to a table that is known to be sound: what the kernel's parser
 * demands, and what the commit relies on besides.
 */
#include <livegrow/marker.h>
#include <livegrow/mbr.h>
#include <livegrow/table.h>

static bool ranges_overlap(u64 a, u64 a_count, u64 b, u64 b_count)
{
	return a < b + b_count && b < a + a_count;
}

/* Entries of 128 * 2^n bytes, an array of at most what the kernel would read. */
static bool array_shape_ok(u32 nr_entries, u32 entry_size)
{
	return entry_size >= LG_GPT_MIN_ENTRY_SIZE && !(entry_size & (entry_size - 1)) &&
	       nr_entries && nr_entries <= LG_MAX_ARRAY_BYTES / entry_size;
}

static u32 array_lbas(u32 nr_entries, u32 entry_size, u32 lba_size)
{
	return (nr_entries * entry_size + lba_size - 1) / lba_size;
}

bool lg_table_is_home(const struct lg_table *table, u64 lba)
{
	return lba > LG_GPT_PRIMARY_LBA && lba < table->first_usable &&
	       table->array_lbas <= table->first_usable - lba;
}

u64 lg_table_usable_end(const struct lg_table *table, u64 last_lba)
{
	u64 backup_lbas = table->array_lbas + 1;

	return last_lba > backup_lbas ? last_lba - backup_lbas : 0;
}

/*
 * Where a commit puts it meanwhile: in front of the backup header. The disk may
 * have grown since, and another tool have moved that header, or the last
 * partition's end over the array, which it left where it was.
 */
static bool is_away(const struct lg_table *table)
{
	return table->array_lba >= table->first_usable &&
	       table->array_lba <= table->last_lba &&
	       table->array_lbas <= table->last_lba + 1 - table->array_lba;
}

static enum livegrow_reason find_home(struct lg_table *table, const u8 *header)
{
	u64 marked = lg_marker_read(header, table->lba_size);

	table->unfinished = false;
	table->home_lba = table->array_lba;
	if (lg_table_is_home(table, table->array_lba))
		return LIVEGROW_REASON_NONE;
	if (!lg_table_is_home(table, marked) || !is_away(table))
		return LIVEGROW_REASON_ARRAY_PLACE;
	table->unfinished = true;
	table->home_lba = marked;
	return LIVEGROW_REASON_NONE;
}

/* Our own commit, whose array is the last thing on the disk: only the backup header is gone. */
static bool lacks_header_only(const struct lg_table *table)
{
	return table->unfinished && table->alternate == table->last_lba + 1 &&
	       table->alternate == table->array_lba + table->array_lbas;
}

/* Does the disk end in front of what the header names? */
static bool is_cut_off(const struct lg_table *table)
{
	return table->last_usable > table->last_lba ||
	       (table->alternate > table->last_lba && !lacks_header_only(table));
}

enum livegrow_reason lg_table_read_header(struct lg_table *table, const u8 *header)
{
	const struct lg_gpt_header *h = (const void *)header;
	enum livegrow_reason reason;

	table->header = NULL;
	if (!lg_gpt_header_valid(header, table->lba_size, LG_GPT_PRIMARY_LBA))
		return LIVEGROW_REASON_PRIMARY_DAMAGED;
	table->alternate = le64_to_cpu(h->alternate_lba);
	table->first_usable = le64_to_cpu(h->first_usable_lba);
	table->last_usable = le64_to_cpu(h->last_usable_lba);
	table->array_lba = le64_to_cpu(h->array_lba);
	table->nr_entries = le32_to_cpu(h->nr_entries);
	table->entry_size = le32_to_cpu(h->entry_size);
	if (!array_shape_ok(table->nr_entries, table->entry_size))
		return LIVEGROW_REASON_UNSUPPORTED;
	table->array_lbas = array_lbas(table->nr_entries, table->entry_size,
				       table->lba_size);
	table->header = header;
	reason = find_home(table, header);
	if (is_cut_off(table))
		return LIVEGROW_REASON_SHRUNK;
	if (table->first_usable > table->last_usable ||
	    table->alternate <= table->last_usable)
		return LIVEGROW_REASON_UNSUPPORTED;
	return reason;
}

enum livegrow_reason lg_table_read_head(struct lg_table *table, const u8 *head)
{
	table->mbr = head;
	table->header = NULL;
	switch (lg_mbr_kind(head)) {
	case LG_MBR_PROTECTIVE:
		return lg_table_read_header(table, head + table->lba_size);
	case LG_MBR_HYBRID:
		return LIVEGROW_REASON_HYBRID_MBR;
	default:
		return LIVEGROW_REASON_NO_TABLE;
	}
}

const struct lg_gpt_entry *lg_table_entry(const struct lg_table *table, u32 number)
{
	return (const void *)(table->array + (size_t)(number - 1) * table->entry_size);
}

static bool is_used(const struct lg_gpt_entry *entry)
{
	static const u8 unused[LG_GPT_GUID_SIZE];

	return memcmp(entry->type, unused, sizeof(unused)) != 0;
}

bool lg_table_is_free(const struct lg_table *table, u64 lba, u64 count)
{
	const struct lg_part *part;
	u32 i;

	for (i = 0; i < table->nr_parts; i++) {
		part = &table->parts[i];
		if (ranges_overlap(lba, count, part->first, part->last - part->first + 1))
			return false;
	}
	return true;
}

static enum livegrow_reason add_part(struct lg_table *table, u32 number)
{
	const struct lg_gpt_entry *entry = lg_table_entry(table, number);
	u64 first = le64_to_cpu(entry->first_lba), last = le64_to_cpu(entry->last_lba);

	if (table->nr_parts == LG_MAX_PARTS)
		return LIVEGROW_REASON_UNSUPPORTED;
	if (first > table->last_lba || last > table->last_lba)
		return LIVEGROW_REASON_ENTRY_PAST_DISK;
	if (first > last || first < table->first_usable || last > table->last_usable)
		return LIVEGROW_REASON_ENTRY_RANGE;
	if (!lg_table_is_free(table, first, last - first + 1))
		return LIVEGROW_REASON_ENTRY_OVERLAP;
	table->parts[table->nr_parts++] = (struct lg_part){
		.number = number, .first = first, .last = last,
	};
	return LIVEGROW_REASON_NONE;
}

bool lg_table_array_is_named(const struct lg_table *table, const u8 *array)
{
	const struct lg_gpt_header *h = (const void *)table->header;

	return lg_crc32(0, array, (size_t)table->nr_entries * table->entry_size) ==
	       le32_to_cpu(h->array_crc);
}

enum livegrow_reason lg_table_read_entries(struct lg_table *table, const u8 *array)
{
	enum livegrow_reason reason;
	u32 number;

	table->array = array;
	table->nr_parts = 0;
	for (number = 1; number <= table->nr_entries; number++) {
		if (!is_used(lg_table_entry(table, number)))
			continue;
		reason = add_part(table, number);
		if (reason)
			return reason;
	}
	return LIVEGROW_REASON_NONE;
}

enum livegrow_reason lg_table_read_array(struct lg_table *table, const u8 *array)
{
	if (!lg_table_array_is_named(table, array))
		return LIVEGROW_REASON_PRIMARY_DAMAGED;
	return lg_table_read_entries(table, array);
}

const struct lg_part *lg_table_last_part(const struct lg_table *table)
{
	const struct lg_part *last = NULL;
	u32 i;

	for (i = 0; i < table->nr_parts; i++)
		if (!last || table->parts[i].first > last->first)
			last = &table->parts[i];
	return last;
}
