// SPDX-License-Identifier: GPL-2.0-only
/* Is the backup at the alternate LBA one that could stand in for the primary? */
#include <livegrow/table.h>

/* All that both headers have to say alike. */
static bool is_twin(const struct lg_gpt_header *ours, const struct lg_gpt_header *theirs)
{
	return !memcmp(ours->disk_guid, theirs->disk_guid, sizeof(ours->disk_guid)) &&
	       ours->first_usable_lba == theirs->first_usable_lba &&
	       ours->last_usable_lba == theirs->last_usable_lba &&
	       ours->nr_entries == theirs->nr_entries &&
	       ours->entry_size == theirs->entry_size &&
	       ours->array_crc == theirs->array_crc &&
	       le64_to_cpu(theirs->alternate_lba) == LG_GPT_PRIMARY_LBA;
}

u64 lg_backup_array_lba(const struct lg_table *table, const u8 *block)
{
	const struct lg_gpt_header *theirs = (const void *)block;
	u64 lba = le64_to_cpu(theirs->array_lba);

	if (!lg_gpt_header_valid(block, table->lba_size, table->alternate) ||
	    !is_twin((const void *)table->header, theirs) || lba > table->last_lba ||
	    table->array_lbas > table->last_lba - lba + 1)
		return 0;
	return lba;
}

bool lg_backup_array_intact(const struct lg_table *table, const u8 *array)
{
	return !memcmp(array, table->array, (size_t)table->nr_entries * table->entry_size);
}
