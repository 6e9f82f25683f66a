// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a grow would write, by the module's own core: round after round on a draft,
 * until nothing is left to do, as kmod/reconcile.c does on the disk itself.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <livegrow/othersize.h>
#include <livegrow/withdrawn.h>
#include <livegrow/words.h>

#include "names.h"
#include "plan.h"
#include "plan_round.h"
#include "util.h"

/* Of x86, which a guest's disk in an image is for. */
#define PAGE 4096U
/* It takes three: an unfinished commit, a growth, and the round that finds nothing. */
#define ROUNDS_MAX 8

/*
 * A partition whose type may grow can hold a content that must not. Where another tool
 * took a growth back, the content is known, and the end in the table is in the middle of it.
 */
static int judge(struct round *round)
{
	const struct lg_part *last = lg_table_last_part(&round->table);
	int r = 0;

	if (!round->wish.live_last && lg_policy_may_grow(&round->table, &round->wish)) {
		r = round_endmeta_read(round, last);
		if (r == 0)
			r = round_content_read(round, last);
	}
	if (r == 0)
		lg_policy(&round->table, &round->wish, &round->goal);
	return r;
}

static int buffer_new(struct round *round)
{
	const struct lg_table *table = &round->table;

	round->buffer = malloc((size_t)lg_plan_buffer_lbas(table) * table->lba_size);
	return round->buffer ? 0 : -ENOMEM;
}

/* Makes the plan of this round; none where all is done. */
static int sound_plan(struct round *round)
{
	const struct lg_table *table = &round->table;
	int r = table->unfinished ? 0 : judge(round);

	if (r < 0 || (!table->unfinished && !round->goal.write))
		return r;
	r = buffer_new(round);
	if (r < 0)
		return r;
	if (table->unfinished)
		lg_plan_finish(table, round->buffer, &round->plan);
	else
		lg_plan_commit(table, &round->goal, &round->stale, round->buffer, &round->plan);
	return 0;
}

/*
 * A growth stopped when LBA 1 named an array at the disk's end, and that is gone. Makes
 * the plan if the array at home is good; otherwise leaves it empty.
 */
static int withdrawn_plan(struct round *round, enum livegrow_reason reason,
			  enum lg_withdrawn_todo *ret_todo)
{
	struct lg_table *table = &round->table;
	struct lg_withdrawn known = {
		.live = round->word->live,
		.nr_live = round->word->n_live,
		/* The module alone knows which commits were its own. */
		.fitted_last = round->word->is_due ? UINT64_MAX : 0,
		.is_ordered = round->word->flags & LIVEGROW_FLAG_RECOVER,
		.is_asked = round->word->flags & LIVEGROW_FLAG_ASKED,
	};
	int r;

	*ret_todo = LG_WITHDRAWN_NOTHING;
	if (!lg_withdrawn_find(table, reason))
		return 0;
	/* A person orders that a complete table be cut: the plan of an image is no such order. */
	if (!table->unfinished && !round->word->live)
		known.is_ordered = false;
	free(round->array);
	round->array = NULL;
	r = round_blocks_read(round->draft, table->home_lba, table->array_lbas, &round->array);
	if (r < 0)
		return r;
	*ret_todo = lg_withdrawn_judge(table, reason, round->array, &known, &round->goal);
	if (*ret_todo != LG_WITHDRAWN_WRITE)
		return 0;
	r = buffer_new(round);
	if (r == 0)
		lg_plan_withdrawn(table, &round->goal, round->buffer, &round->plan);
	return r;
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
	int r = round_blocks_read(draft, step->lba, step->count, &old);

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
	end->to = round_part_bytes(round, part);
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

static int has_backup(const struct draft *draft)
{
	uint8_t *block;
	int r = round_blocks_read(draft, draft->lbas - 1, 1, &block);

	if (r < 0)
		return r;
	r = lg_gpt_header_valid(block, draft->lba_size, draft->lbas - 1);
	free(block);
	return r;
}

/*
 * A dead primary may be a table of another block size; an image is read by its table's own.
 * A damaged table of another size counts too, unless the disk's own table has a backup.
 */
static int other_find(struct round *round, struct plan_end *end)
{
	const struct draft *draft = round->draft;
	uint64_t count = LG_OTHER_BYTES / draft->lba_size;
	struct lg_other other;
	uint8_t *start;
	int r;

	if (count > draft->lbas)
		count = draft->lbas;
	r = round_blocks_read(draft, 0, (uint32_t)count, &start);
	if (r < 0)
		return r;
	other = lg_other_find(start, count * draft->lba_size, draft->lba_size);
	free(start);
	if (other.lba_size && !other.is_whole) {
		r = has_backup(draft);
		if (r)
			return r < 0 ? r : 0;
	}
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

/* @err: of reading the table, or 0 and a @reason. */
static int unsound_plan(struct round *round, int err, enum livegrow_reason reason,
			struct plan_end *end)
{
	enum lg_withdrawn_todo todo;
	int r = err == -ENOMEM ? err : withdrawn_plan(round, reason, &todo);

	if (r < 0)
		return r;
	if (todo == LG_WITHDRAWN_WRITE) {
		end->is_recovery = !round->word->n_live;
		return 0;
	}
	if (todo == LG_WITHDRAWN_NOTHING && err < 0)
		return err;
	unsound_note(end, todo == LG_WITHDRAWN_ASK ? LIVEGROW_REASON_PRIMARY_DAMAGED : reason);
	if (todo == LG_WITHDRAWN_NOTHING && reason == LIVEGROW_REASON_PRIMARY_DAMAGED)
		return other_find(round, end);
	return 0;
}

static int make_plan(struct round *round, struct plan_end *end)
{
	enum livegrow_reason reason;
	int r = round_table_read(round, &reason);

	if (r < 0 || reason != LIVEGROW_REASON_NONE)
		return unsound_plan(round, r, reason, end);
	r = sound_plan(round);
	if (r == 0)
		end_note(round, end);
	return r;
}

/* Returns how many writes it took, or a negative errno. */
static int round_run(struct draft *draft, const char *device, const struct plan_word *word,
		     struct plan_table *rows, struct plan_end *end)
{
	struct round round = {
		.draft = draft,
		.word = word,
		.wish = {
			.heard_last = draft->lbas - 1,
			.align = alignment(draft, &word->limits),
			.limits = word->limits,
			.live_last = word->live_last,
			.holding = word->holding,
			.flags = word->flags,
		},
	};
	int r = make_plan(&round, end);

	if (r == 0)
		r = steps_draw(draft, device, &round.plan, rows);
	free(round.buffer);
	free(round.array);
	free(round.head);
	return r < 0 ? r : (int)round.plan.nr_steps;
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
