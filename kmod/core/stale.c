// SPDX-License-Identifier: GPL-2.0-only
/*
 * The backup at the old end of a disk that grew. Its blocks soon belong to a
 * partition, where an "EFI PART" must not lie around.
 */
#include <livegrow/table.h>

static bool is_backup_of(const struct lg_table *table, const u8 *block)
{
	const struct lg_gpt_header *ours = (const void *)table->header;
	const struct lg_gpt_header *theirs = (const void *)block;

	return lg_gpt_header_valid(block, table->lba_size, table->alternate) &&
	       !memcmp(ours->disk_guid, theirs->disk_guid, sizeof(ours->disk_guid));
}

/* Not the table that is in force, not a partition: nobody's but the backup's. */
static bool is_nobodys(const struct lg_table *table, u64 lba, u64 count)
{
	return lba >= table->first_usable && lba + count - 1 <= table->last_lba &&
	       lg_table_is_free(table, lba, count);
}

/* An array of another shape than the primary's is left where it is. */
static u64 old_array_lba(const struct lg_table *table, const u8 *block)
{
	const struct lg_gpt_header *h = (const void *)block;
	u64 lba = le64_to_cpu(h->array_lba);

	if (le32_to_cpu(h->nr_entries) != table->nr_entries ||
	    le32_to_cpu(h->entry_size) != table->entry_size ||
	    lba > table->last_lba || !is_nobodys(table, lba, table->array_lbas))
		return 0;
	return lba;
}

void lg_stale_read(const struct lg_table *table, const u8 *block, struct lg_stale *stale)
{
	u64 new_backup = table->last_lba - table->array_lbas, lba;

	*stale = (struct lg_stale){ 0 };
	if (!is_backup_of(table, block))
		return;
	if (table->alternate < new_backup && is_nobodys(table, table->alternate, 1))
		stale->header_lba = table->alternate;
	lba = old_array_lba(table, block);
	if (!lba || lba >= new_backup)
		return;
	stale->array_lba = lba;
	stale->array_lbas = table->array_lbas;
	if (new_backup - lba < table->array_lbas)
		stale->array_lbas = (u32)(new_backup - lba);
}
