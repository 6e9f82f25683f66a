// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The table that `growctl plan` prints: one for people and for JSON, a row a step,
 * in the order in which they would be done. In JSON every row has every key, null
 * where it has no meaning; sizes are bytes:
 *
 *   {"plan": [ROW...]}
 *
 *   step      enum livegrow_step in a word ("backup", "switch", "partition", ...);
 *             "nothing" where a disk has all there is, or is left alone;
 *             "refused" where it cannot grow, or not so
 *   device    "vda", "vda3", "disk.raw3"
 *   lba       where a write begins, in logical blocks
 *   blocks    its length, in logical blocks; each write is flushed and read back
 *   from, to  partition, filesystem: size before and after
 *   what      in words
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libsmartcols.h>

#include "listing.h"
#include "names.h"
#include "plan_table.h"
#include "util.h"

enum { COL_STEP, COL_DEVICE, COL_LBA, COL_BLOCKS, COL_FROM, COL_TO, COL_WHAT, COL_COUNT };

static const struct {
	const char *heading, *key;
	int json_type, flags;
} columns[COL_COUNT] = {
	[COL_STEP] = { "STEP", "step", SCOLS_JSON_STRING, 0 },
	[COL_DEVICE] = { "DEVICE", "device", SCOLS_JSON_STRING, 0 },
	[COL_LBA] = { "LBA", "lba", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_BLOCKS] = { "BLOCKS", "blocks", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_FROM] = { "FROM", "from", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_TO] = { "TO", "to", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_WHAT] = { "WHAT", "what", SCOLS_JSON_STRING, 0 },
};

static int columns_make(struct plan_table *plan)
{
	struct libscols_column *cl;
	int r = 0;

	for (size_t i = 0; r == 0 && i < COL_COUNT; i++) {
		cl = scols_table_new_column(plan->table,
					    plan->json ? columns[i].key : columns[i].heading, 0,
					    columns[i].flags);
		r = cl ? scols_column_set_json_type(cl, columns[i].json_type) : -ENOMEM;
	}
	return r;
}

/**
 * plan_table_new() - a plan without steps
 * @json: for machines
 * @verbose: a write is told block by block
 * @ret: receives it; plan_table_free() it
 *
 * Returns 0 or a negative errno.
 */
int plan_table_new(bool json, bool verbose, struct plan_table *ret)
{
	struct plan_table plan = { .table = scols_new_table(), .json = json, .verbose = verbose };
	int r;

	if (!plan.table)
		return -ENOMEM;
	r = scols_table_set_name(plan.table, "plan");
	if (r == 0)
		r = scols_table_enable_json(plan.table, json);
	if (r == 0)
		r = columns_make(&plan);
	if (r < 0)
		scols_unref_table(plan.table);
	else
		*ret = plan;
	return r;
}

/** plan_table_free() - the end of plan_table_new(). */
void plan_table_free(struct plan_table *plan)
{
	scols_unref_table(plan->table);
}

static void text_set(struct plan_table *plan, struct libscols_line *row, int column,
		     const char *text)
{
	int r = row ? scols_line_set_data(row, (size_t)column, text) : 0;

	if (r < 0 && !plan->err)
		plan->err = r;
}

static void number_set(struct plan_table *plan, struct libscols_line *row, int column,
		       uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	text_set(plan, row, column, text);
}

static struct libscols_line *row_new(struct plan_table *plan, const char *device, const char *step,
				     const char *what)
{
	struct libscols_line *row = scols_table_new_line(plan->table, NULL);

	if (!row && !plan->err)
		plan->err = -ENOMEM;
	text_set(plan, row, COL_STEP, step);
	text_set(plan, row, COL_DEVICE, device);
	text_set(plan, row, COL_WHAT, what);
	return row;
}

/**
 * plan_row_write() - a write to the table
 * @plan: the rows
 * @device: the disk
 * @step: enum livegrow_step
 * @lba: first logical block
 * @blocks: logical blocks
 * @what: in words
 */
void plan_row_write(struct plan_table *plan, const char *device, uint32_t step, uint64_t lba,
		    uint32_t blocks, const char *what)
{
	struct libscols_line *row = row_new(plan, device, name_of_step(step), what);

	number_set(plan, row, COL_LBA, lba);
	number_set(plan, row, COL_BLOCKS, blocks);
}

/**
 * plan_row_sizes() - a partition or filesystem that becomes larger
 * @plan: the rows
 * @device: the partition, or the disk
 * @step: enum livegrow_step
 * @what: in words
 * @from: bytes before
 * @to: bytes after
 */
void plan_row_sizes(struct plan_table *plan, const char *device, uint32_t step, const char *what,
		    uint64_t from, uint64_t to)
{
	struct libscols_line *row = row_new(plan, device, name_of_step(step), what);
	char a[SIZE_TEXT], b[SIZE_TEXT];

	if (plan->json) {
		number_set(plan, row, COL_FROM, from);
		number_set(plan, row, COL_TO, to);
		return;
	}
	sizes_text(from, to, a, b);
	text_set(plan, row, COL_FROM, a);
	text_set(plan, row, COL_TO, b);
}

/** plan_row_words() - what is no write and no size. */
void plan_row_words(struct plan_table *plan, const char *device, const char *step, const char *what)
{
	row_new(plan, device, step, what);
}

/* To people an empty column says nothing: one of disks that stay as they are has four. */
static int columns_hide(struct plan_table *plan)
{
	struct libscols_iter *lines = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *row;
	bool used[COL_COUNT] = { false };
	int r = lines ? 0 : -ENOMEM;

	while (r == 0 && scols_table_next_line(plan->table, lines, &row) == 0)
		for (size_t i = 0; i < COL_COUNT; i++)
			used[i] |= scols_cell_get_data(scols_line_get_cell(row, i)) != NULL;
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (!used[i])
			r = scols_column_set_flags(scols_table_get_column(plan->table, i),
						   SCOLS_FL_HIDDEN);
	scols_free_iter(lines);
	return r;
}

/**
 * plan_table_print() - print the rows on standard output
 *
 * Returns 0, or the first error of all calls for this plan.
 */
int plan_table_print(struct plan_table *plan)
{
	int r = plan->err;

	if (r == 0 && !plan->json)
		r = columns_hide(plan);
	return r < 0 ? r : listing_print(plan->table);
}
