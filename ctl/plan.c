// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a grow would write, by the module's own core: round after round on a draft,
 * until nothing is left to do, as kmod/reconcile.c does on the disk itself.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <livegrow/endmeta.h>
#include <livegrow/othersize.h>
#include <livegrow/plan.h>
#include <livegrow/words.h>

#include "names.h"
#include "plan.h"
#include "util.h"

#define SECTOR 512
/* Of x86, which a guest's disk in an image is for. */
#define PAGE 4096U
/* It takes three: an unfinished commit, a growth, and the round that finds nothing. */
#define ROUNDS_MAX 8

/**
 * struct round - a table as it is in the draft
 * @head: LBA 0, LBA 1, the block at the alternate LBA
 * @array: its entry array
 */
struct round {
	struct draft *draft;
	struct lg_table table;
	struct lg_stale stale;
	struct lg_wish wish;
	struct lg_goal goal;
	uint8_t *head, *array;
};

static int blocks_read(const struct draft *draft, uint64_t lba, uint32_t count, uint8_t **ret)
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
	int r = blocks_read(round->draft, table->array_lba, table->array_lbas, &round->array);

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
	r = blocks_read(round->draft, lba, table->array_lbas, &array);
	if (r < 0)
		return r;
	table->backup_torn = !lg_backup_array_intact(table, array);
	free(array);
	return 0;
}

static int table_read(struct round *round, enum livegrow_reason *ret_reason)
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

static uint64_t part_bytes(const struct round *round, const struct lg_part *part)
{
	return (part->last - part->first + 1) * round->table.lba_size;
}

/* Does what lg_endmeta_read() does in the module. */
static int endmeta_read(struct round *round, const struct lg_part *part)
{
	uint64_t sectors = part_bytes(round, part) / SECTOR;
	uint32_t lba_sectors = round->table.lba_size / SECTOR;
	uint32_t count = LG_ENDMETA_SECTORS / lba_sectors;
	uint8_t *tail;
	int r;

	if (count > part->last - part->first + 1)
		count = (uint32_t)(part->last - part->first + 1);
	r = blocks_read(round->draft, part->last + 1 - count, count, &tail);
	if (r < 0)
		return r;
	round->wish.endmeta = lg_endmeta_find(tail, count * lba_sectors, sectors);
	free(tail);
	return 0;
}

static int content_read(struct round *round, const struct lg_part *part)
{
	uint32_t lba_size = round->table.lba_size, count = LG_CONTENT_HEAD / lba_size;
	uint8_t *head;
	int r;

	if (count > part->last - part->first + 1)
		count = (uint32_t)(part->last - part->first + 1);
	r = blocks_read(round->draft, part->first, count, &head);
	if (r < 0)
		return r;
	round->wish.holding.content = lg_content_find(head, (size_t)count * lba_size);
	free(head);
	return 0;
}

/*
 * A partition whose type may grow can hold a content that must not. Where another tool
 * took a growth back, the content is known, and the end in the table is in the middle of it.
 */
static int judge(struct round *round)
{
	int r;

	lg_policy(&round->table, &round->wish, &round->goal);
	if (!lg_goal_may_grow(&round->goal) || round->wish.live_last)
		return 0;
	r = endmeta_read(round, round->goal.part);
	if (r == 0)
		r = content_read(round, round->goal.part);
	if (r == 0)
		lg_policy(&round->table, &round->wish, &round->goal);
	return r;
}

/* Makes the plan of this round; none where all is done. */
static int round_plan(struct round *round, uint8_t **ret_buffer, struct lg_plan *plan)
{
	const struct lg_table *table = &round->table;
	int r = table->unfinished ? 0 : judge(round);

	plan->nr_steps = 0;
	*ret_buffer = NULL;
	if (r < 0 || (!table->unfinished && !round->goal.write))
		return r;
	*ret_buffer = malloc((size_t)lg_plan_buffer_lbas(table) * table->lba_size);
	if (!*ret_buffer)
		return -ENOMEM;
	if (table->unfinished)
		lg_plan_finish(table, *ret_buffer, plan);
	else
		lg_plan_commit(table, &round->goal, &round->stale, *ret_buffer, plan);
	return 0;
}

/* What becomes of one block, for who wants to compare it with the disk afterwards. */
static void block_words(const uint8_t *old, const uint8_t *new, uint32_t size, char *ret,
			size_t ret_size)
{
	uint32_t first = size, last = 0, n = 0;

	for (uint32_t i = 0; i < size; i++) {
		if (old[i] == new[i])
			continue;
		first = n++ ? first : i;
		last = i;
	}
	if (!n)
		snprintf(ret, ret_size, "stays as it is");
	else if (n == 1)
		snprintf(ret, ret_size, "byte %u changes", first);
	else
		snprintf(ret, ret_size, "%u bytes change, between %u and %u", n, first, last);
}

static int blocks_tell(const struct draft *draft, const char *device, const struct lg_step *step,
		       struct plan_table *rows)
{
	uint8_t *old;
	char what[64];
	int r = blocks_read(draft, step->lba, step->count, &old);

	if (r < 0)
		return r;
	for (uint32_t i = 0; i < step->count; i++) {
		size_t at = (size_t)i * draft->lba_size;

		block_words(old + at, step->data + at, draft->lba_size, what, sizeof(what));
		plan_row_write(rows, device, step->id, step->lba + i, 1, what);
	}
	free(old);
	return 0;
}

static int steps_draw(struct draft *draft, const char *device, const struct lg_plan *plan,
		      struct plan_table *rows)
{
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < plan->nr_steps; i++) {
		const struct lg_step *step = &plan->steps[i];

		if (rows && rows->verbose)
			r = blocks_tell(draft, device, step, rows);
		else if (rows)
			plan_row_write(rows, device, step->id, step->lba, step->count,
				       lg_step_words(step->id));
		if (r == 0)
			r = draft_write(draft, step->lba, step->count, step->data);
	}
	return r;
}

static void end_note(const struct round *round, struct plan_end *end)
{
	const struct lg_part *part = lg_table_last_part(&round->table);

	if (!round->table.unfinished) {
		end->state = round->goal.state;
		end->reason = round->goal.reason;
	}
	if (!part)
		return;
	if (end->reason == LIVEGROW_REASON_PART_HOLDS)
		end->type = lg_content_words(round->wish.holding.content);
	else if (round->wish.endmeta)
		end->type = round->wish.endmeta->words;
	else
		end->type = lg_type_find(lg_table_entry(&round->table, part->number)->type)->name;
	end->to = part_bytes(round, part);
	if (!end->number)
		end->from = end->to;
	end->number = part->number;
	end->start = part->first * round->table.lba_size;
}

static void unsound_note(struct plan_end *end, enum livegrow_reason reason)
{
	end->reason = reason;
	end->state = LIVEGROW_STATE_BLOCKED;
	if (reason == LIVEGROW_REASON_NO_TABLE)
		end->state = LIVEGROW_STATE_NO_TABLE;
	else if (reason == LIVEGROW_REASON_SHRUNK)
		end->state = LIVEGROW_STATE_SHRUNK;
}

/* A dead primary may be a table of another block size; an image is read by its table's own. */
static int other_find(struct round *round, struct plan_end *end)
{
	const struct draft *draft = round->draft;
	uint64_t count = LG_OTHER_BYTES / draft->lba_size;
	struct lg_other other;
	uint8_t *start;
	int r;

	if (count > draft->lbas)
		count = draft->lbas;
	r = blocks_read(draft, 0, (uint32_t)count, &start);
	if (r < 0)
		return r;
	other = lg_other_find(start, count * draft->lba_size, draft->lba_size);
	free(start);
	if (other.lba_size) {
		end->reason = LIVEGROW_REASON_BLOCK_SIZE;
		end->lba_size = draft->lba_size;
		end->other_size = other.lba_size;
	}
	return 0;
}

/* As the module has it: never less than a page, or a physical block. */
static uint32_t alignment(const struct draft *draft, const struct lg_limits *limits)
{
	uint32_t align = limits->align ? limits->align : LG_ALIGN_BYTES;

	if (align < PAGE)
		align = PAGE;
	return align > draft->pblock_size ? align : draft->pblock_size;
}

/* Returns how many writes it took, or a negative errno. */
static int round_run(struct draft *draft, const char *device, const struct plan_word *word,
		     struct plan_table *rows, struct plan_end *end)
{
	struct round round = {
		.draft = draft,
		.wish = {
			.heard_last = draft->lbas - 1,
			.align = alignment(draft, &word->limits),
			.limits = word->limits,
			.live_last = word->live_last,
			.holding = word->holding,
			.flags = word->flags,
		},
	};
	struct lg_plan plan = { 0 };
	enum livegrow_reason reason;
	uint8_t *buffer = NULL;
	int r = table_read(&round, &reason);

	if (r == 0 && reason != LIVEGROW_REASON_NONE)
		unsound_note(end, reason);
	else if (r == 0)
		r = round_plan(&round, &buffer, &plan);
	if (r == 0 && reason == LIVEGROW_REASON_PRIMARY_DAMAGED)
		r = other_find(&round, end);
	if (r == 0 && reason == LIVEGROW_REASON_NONE)
		end_note(&round, end);
	if (r == 0)
		r = steps_draw(draft, device, &plan, rows);
	free(buffer);
	free(round.array);
	free(round.head);
	return r < 0 ? r : (int)plan.nr_steps;
}

/**
 * plan_steps() - what a grow would write to a disk's table
 * @draft: the disk; receives the writes
 * @device: its name, for the rows
 * @word: what is permitted
 * @rows: receives the steps, or NULL
 * @ret: receives how it ends
 *
 * Whether the disk may be written to at all is not asked; nor what the kernel has of it.
 *
 * Returns 0, or a negative errno: -EDEADLK where it would never end.
 */
int plan_steps(struct draft *draft, const char *device, const struct plan_word *word,
	       struct plan_table *rows, struct plan_end *ret)
{
	struct plan_end end = { 0 };

	for (int i = 0; i < ROUNDS_MAX; i++) {
		int n = round_run(draft, device, word, rows, &end);

		if (n < 0)
			return n;
		end.writes += (uint32_t)n;
		if (n == 0) {
			*ret = end;
			return 0;
		}
	}
	return -EDEADLK;
}

/**
 * plan_end_words() - why a plan ends as it does, in the module's words
 * @end: of plan_steps()
 * @device: the disk's name
 * @ret: receives them; empty where the disk has what it can have
 * @size: of @ret
 */
void plan_end_words(const struct plan_end *end, const char *device, char *ret, size_t size)
{
	char part[DEVICE_TEXT];

	partition_name(device, end->number, part, sizeof(part));
	switch (end->reason) {
	case LIVEGROW_REASON_NONE:
		snprintf(ret, size, "%s", "");
		break;
	case LIVEGROW_REASON_PART_TYPE:
	case LIVEGROW_REASON_PART_CONTENT:
	case LIVEGROW_REASON_PART_METADATA:
		snprintf(ret, size, "last partition %s is %s", part, end->type);
		break;
	case LIVEGROW_REASON_PART_HOLDS:
		snprintf(ret, size, "last partition %s holds %s", part, end->type);
		break;
	case LIVEGROW_REASON_PART_READ_ONLY:
		snprintf(ret, size, "last partition %s has the attribute read-only", part);
		break;
	case LIVEGROW_REASON_BLOCK_SIZE:
		snprintf(ret, size, LG_OTHER_WORDS, end->other_size, end->lba_size);
		break;
	default:
		snprintf(ret, size, "%s", lg_reason_words(end->reason));
	}
}
