// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads the table of a draft for one round, and of its last partition what decides. */

#include <errno.h>
#include <stdlib.h>

#include <livegrow/endmeta.h>

#include "plan_round.h"

#define SECTOR 512

/**
 * round_blocks_read() - read blocks of the draft
 * @draft: the disk
 * @lba: the first
 * @count: their number
 * @ret: receives them; free() it
 *
 * Returns 0, -ERANGE for blocks behind the disk's end, or another negative errno.
 */
int round_blocks_read(const struct draft *draft, uint64_t lba, uint32_t count, uint8_t **ret)
{
	uint8_t *blocks = malloc((size_t)count * draft->lba_size);
	int r = blocks ? draft_read(draft, lba, count, blocks) : -ENOMEM;

	if (r < 0)
		free(blocks);
	else
		*ret = blocks;
	return r;
}

static int head_read(struct round *round, enum livegrow_reason *ret_reason)
{
	const struct draft *draft = round->draft;
	int r;

	round->head = malloc(3 * (size_t)draft->lba_size);
	r = round->head ? draft_read(draft, 0, 2, round->head) : -ENOMEM;
	if (r == 0)
		*ret_reason = lg_table_read_head(&round->table, round->head);
	return r;
}

static int array_read(struct round *round, enum livegrow_reason *ret_reason)
{
	struct lg_table *table = &round->table;
	int r = round_blocks_read(round->draft, table->array_lba, table->array_lbas, &round->array);

	if (r == 0)
		*ret_reason = lg_table_read_array(table, round->array);
	return r;
}

static int backup_read(struct round *round)
{
	struct lg_table *table = &round->table;
	uint8_t *block = round->head + 2 * (size_t)table->lba_size, *array;
	int r = draft_read(round->draft, table->alternate, 1, block);
	uint64_t lba;

	if (r < 0)
		return r;
	lg_stale_read(table, block, &round->stale);
	lba = lg_backup_array_lba(table, block);
	table->backup_torn = !lba;
	if (!lba)
		return 0;
	r = round_blocks_read(round->draft, lba, table->array_lbas, &array);
	if (r < 0)
		return r;
	table->backup_torn = !lg_backup_array_intact(table, array);
	free(array);
	return 0;
}

/**
 * round_table_read() - read the draft's table, and judge it
 * @round: its draft is set; receives the table. Free its @head and @array, also on failure.
 * @ret_reason: receives LIVEGROW_REASON_NONE for a sound table, or what is wrong
 *
 * Returns 0 when it could be judged, or a negative errno.
 */
int round_table_read(struct round *round, enum livegrow_reason *ret_reason)
{
	int r = 0;

	round->table.lba_size = round->draft->lba_size;
	round->table.last_lba = round->draft->lbas - 1;
	*ret_reason = LIVEGROW_REASON_NO_TABLE;
	if (round->draft->lbas >= LG_MIN_LBAS)
		r = head_read(round, ret_reason);
	if (r == 0 && *ret_reason == LIVEGROW_REASON_NONE)
		r = array_read(round, ret_reason);
	if (r == 0 && *ret_reason == LIVEGROW_REASON_NONE && !round->table.unfinished)
		r = backup_read(round);
	return r;
}

/** round_part_bytes() - the size of a partition by the table. */
uint64_t round_part_bytes(const struct round *round, const struct lg_part *part)
{
	return (part->last - part->first + 1) * round->table.lba_size;
}

/** round_endmeta_read() - search a partition's end for metadata, as lg_endmeta_read() in the module. */
int round_endmeta_read(struct round *round, const struct lg_part *part)
{
	uint64_t sectors = round_part_bytes(round, part) / SECTOR;
	uint32_t lba_sectors = round->table.lba_size / SECTOR;
	uint32_t count = LG_ENDMETA_SECTORS / lba_sectors;
	uint8_t *tail;
	int r;

	if (count > part->last - part->first + 1)
		count = (uint32_t)(part->last - part->first + 1);
	r = round_blocks_read(round->draft, part->last + 1 - count, count, &tail);
	if (r < 0)
		return r;
	round->wish.endmeta = lg_endmeta_find(tail, count * lba_sectors, sectors);
	free(tail);
	return 0;
}

/** round_content_read() - read the start of a partition, as lg_holding_read() in the module. */
int round_content_read(struct round *round, const struct lg_part *part)
{
	uint32_t lba_size = round->table.lba_size, count = LG_CONTENT_HEAD / lba_size;
	uint8_t *head;
	int r;

	if (count > part->last - part->first + 1)
		count = (uint32_t)(part->last - part->first + 1);
	r = round_blocks_read(round->draft, part->first, count, &head);
	if (r < 0)
		return r;
	round->wish.holding.content = lg_content_find(head, (size_t)count * lba_size);
	free(head);
	return 0;
}
