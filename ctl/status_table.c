// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree that `growctl status` prints: one column table for people and for
 * JSON. In JSON every row has every key, null where it has no meaning; sizes
 * and places are bytes:
 *
 *   {"disks": [ROW...]}
 *
 *   name         "vda", "vda3"; of a filesystem its type
 *   size         of the disk, the live partition, the filesystem
 *   type         "disk", "part", "fs" (mounted), "content" (not mounted)
 *   state        disk: enum livegrow_state in a word ("full", "no-table", ...);
 *                last partition, filesystem: "full" or "could-grow"
 *   mountpoint   fs
 *   reach        last partition, fs: the size that it could have now
 *   reason       disk: enum livegrow_reason in a word ("part-type", "none", ...)
 *   reason_text  disk: the module's words for it
 *   note         what growctl has to add, in words
 *   driver, mode, lba_size, free_tail    disk
 *   backup_errno disk: why an old partition table could not be stored, as a
 *                number; null where nothing went wrong
 *   number, start                        part
 *   fstype       fs, content
 *   children     rows: a disk's partitions, or its filesystem where it has no
 *                table; a partition's filesystem. Absent where there are none.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <libsmartcols.h>

#include "status_table.h"
#include "util.h"

struct column {
	const char *heading; /* NULL: in JSON only */
	const char *key; /* NULL: for people only */
	int json_type;
	int flags;
};

static const struct column columns[COL_COUNT] = {
	[COL_NAME] = { "NAME", "name", SCOLS_JSON_STRING, SCOLS_FL_TREE },
	[COL_SIZE] = { "SIZE", "size", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_TYPE] = { "TYPE", "type", SCOLS_JSON_STRING, 0 },
	[COL_STATE] = { "STATE", "state", SCOLS_JSON_STRING, 0 },
	[COL_MOUNTPOINT] = { "MOUNTPOINT", "mountpoint", SCOLS_JSON_STRING, 0 },
	[COL_WHY] = { "REASON", NULL, 0, 0 },
	[COL_REACH] = { NULL, "reach", SCOLS_JSON_NUMBER, 0 },
	[COL_REASON] = { NULL, "reason", SCOLS_JSON_STRING, 0 },
	[COL_REASON_TEXT] = { NULL, "reason_text", SCOLS_JSON_STRING, 0 },
	[COL_NOTE] = { NULL, "note", SCOLS_JSON_STRING, 0 },
	[COL_DRIVER] = { NULL, "driver", SCOLS_JSON_STRING, 0 },
	[COL_MODE] = { NULL, "mode", SCOLS_JSON_STRING, 0 },
	[COL_LBA_SIZE] = { NULL, "lba_size", SCOLS_JSON_NUMBER, 0 },
	[COL_NUMBER] = { NULL, "number", SCOLS_JSON_NUMBER, 0 },
	[COL_START] = { NULL, "start", SCOLS_JSON_NUMBER, 0 },
	[COL_FREE_TAIL] = { NULL, "free_tail", SCOLS_JSON_NUMBER, 0 },
	[COL_BACKUP_ERRNO] = { NULL, "backup_errno", SCOLS_JSON_NUMBER, 0 },
	[COL_FSTYPE] = { NULL, "fstype", SCOLS_JSON_STRING, 0 },
};

static int column_add(struct libscols_table *table, const struct column *c, bool json)
{
	struct libscols_column *cl;

	cl = scols_table_new_column(table, json ? c->key : c->heading, 0, c->flags);
	if (!cl)
		return -ENOMEM;
	return json ? scols_column_set_json_type(cl, c->json_type) : 0;
}

/* Columns stand in the order of their enum, without those of the other form. */
static bool column_shown(enum status_column column, bool json)
{
	return json ? columns[column].key : columns[column].heading;
}

static size_t column_place(enum status_column column, bool json)
{
	size_t place = 0;

	for (size_t i = 0; i < column; i++)
		place += column_shown((enum status_column)i, json);
	return place;
}

/**
 * status_table_new() - an empty tree
 * @json: whether it is for JSON
 * @ret: receives it; status_table_free() it
 *
 * Returns 0 or a negative errno.
 */
int status_table_new(bool json, struct status_table *ret)
{
	struct libscols_table *table = scols_new_table();
	int r = 0;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (column_shown((enum status_column)i, json))
			r = column_add(table, &columns[i], json);
	if (r == 0)
		r = scols_table_set_name(table, "disks");
	if (r == 0)
		r = scols_table_enable_json(table, json);
	if (r < 0) {
		scols_unref_table(table);
		return r;
	}
	*ret = (struct status_table){ .table = table, .json = json };
	return 0;
}

/** status_table_free() - the end of status_table_new(). */
void status_table_free(struct status_table *t)
{
	scols_unref_table(t->table);
}

/**
 * status_row() - a new row
 * @t: the tree
 * @parent: the row above it, or NULL
 *
 * Returns the row, or NULL after an error, which the other calls take too.
 */
struct libscols_line *status_row(struct status_table *t, struct libscols_line *parent)
{
	struct libscols_line *row = t->err ? NULL : scols_table_new_line(t->table, parent);

	if (!row && !t->err)
		t->err = -ENOMEM;
	return row;
}

/** status_text() - set one value; a column that this form has not is passed over. */
void status_text(struct status_table *t, struct libscols_line *row, enum status_column column,
		 const char *text)
{
	int r;

	if (!row || !text[0] || !column_shown(column, t->json))
		return;
	r = scols_line_set_data(row, column_place(column, t->json), text);
	if (r < 0 && !t->err)
		t->err = r;
}

/** status_number() - set one value: raw in JSON, a size in words for people. */
void status_number(struct status_table *t, struct libscols_line *row, enum status_column column,
		   uint64_t number)
{
	char text[SIZE_TEXT];

	if (t->json)
		snprintf(text, sizeof(text), "%" PRIu64, number);
	else
		size_text(number, text);
	status_text(t, row, column, text);
}

/** status_why() - the module's words and growctl's: two keys in JSON, one column for people. */
void status_why(struct status_table *t, struct libscols_line *row, const char *reason_text,
		const char *note)
{
	char both[640];

	snprintf(both, sizeof(both), "%s%s%s", reason_text, reason_text[0] && note[0] ? "; " : "",
		 note);
	status_text(t, row, COL_WHY, both);
	status_text(t, row, COL_REASON_TEXT, reason_text);
	status_text(t, row, COL_NOTE, note);
}

/**
 * status_table_print() - print the tree on standard output
 *
 * Returns 0, or the first error of all calls for this tree.
 */
int status_table_print(struct status_table *t)
{
	return t->err ? t->err : scols_print_table(t->table);
}
