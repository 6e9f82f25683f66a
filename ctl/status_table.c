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
 *
 * For people, and where they are asked for by name: "why", which is reason_text
 * and note; "layout", the disk from its start to its end, on a terminal with room.
 */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "listing.h"
#include "status_table.h"
#include "util.h"

/* Who gets a column without asking. */
enum { PEOPLE = 1 << 0, JSON = 1 << 1, TERMINAL = 1 << 2 };

struct column {
	const char *name;
	int json_type;
	int flags;
	unsigned int whose;
};

static const struct column columns[COL_COUNT] = {
	[COL_NAME] = { "name", SCOLS_JSON_STRING, SCOLS_FL_TREE, PEOPLE | JSON },
	[COL_SIZE] = { "size", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, PEOPLE | JSON },
	[COL_TYPE] = { "type", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_STATE] = { "state", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_LAYOUT] = { "layout", SCOLS_JSON_STRING, 0, TERMINAL },
	[COL_MOUNTPOINT] = { "mountpoint", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_WHY] = { "why", SCOLS_JSON_STRING, 0, PEOPLE },
	[COL_REACH] = { "reach", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_REASON] = { "reason", SCOLS_JSON_STRING, 0, JSON },
	[COL_REASON_TEXT] = { "reason_text", SCOLS_JSON_STRING, 0, JSON },
	[COL_NOTE] = { "note", SCOLS_JSON_STRING, 0, JSON },
	[COL_DRIVER] = { "driver", SCOLS_JSON_STRING, 0, JSON },
	[COL_MODE] = { "mode", SCOLS_JSON_STRING, 0, JSON },
	[COL_LBA_SIZE] = { "lba_size", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_NUMBER] = { "number", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_START] = { "start", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_FREE_TAIL] = { "free_tail", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_BACKUP_ERRNO] = { "backup_errno", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, JSON },
	[COL_FSTYPE] = { "fstype", SCOLS_JSON_STRING, 0, JSON },
};

/* Between two columns, and what the tree puts in front of its names. */
#define GAP 1
#define TREE_WIDTH 4

static bool on_terminal(void)
{
	return isatty(STDOUT_FILENO);
}

/* https://no-color.org */
static bool colours_wanted(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return on_terminal() && !(no && no[0]) && term && strcmp(term, "dumb");
}

static void heading_of(const struct column *c, bool json, char ret[32])
{
	size_t i = 0;

	for (; c->name[i] && i < 31; i++)
		ret[i] = (char)(json ? c->name[i] : toupper((unsigned char)c->name[i]));
	ret[i] = '\0';
}

/* A column that is named twice stands where it was named first. */
static int column_add(struct status_table *t, enum status_column column)
{
	const struct column *c = &columns[column];
	int flags = t->form.tree ? c->flags : c->flags & ~SCOLS_FL_TREE;
	struct libscols_column *cl;
	char heading[32];

	if (t->place[column] >= 0)
		return 0;
	heading_of(c, t->form.json, heading);
	t->place[column] = (int)scols_table_get_ncols(t->table);
	t->width[column] = strlen(heading);
	cl = scols_table_new_column(t->table, heading, 0, flags);
	if (!cl)
		return -ENOMEM;
	return t->form.json ? scols_column_set_json_type(cl, c->json_type) : 0;
}

static int columns_everyday(struct status_table *t)
{
	unsigned int whose = t->form.json ? JSON : PEOPLE | (on_terminal() ? TERMINAL : 0);
	int r = 0;

	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (columns[i].whose & whose)
			r = column_add(t, (enum status_column)i);
	return r;
}

/* Returns -EINVAL where @name, of @length bytes, is no column's. */
static int column_add_named(struct status_table *t, const char *name, size_t length)
{
	for (size_t i = 0; i < COL_COUNT; i++)
		if (strlen(columns[i].name) == length &&
		    !strncasecmp(columns[i].name, name, length))
			return column_add(t, (enum status_column)i);
	return -EINVAL;
}

static int columns_named(struct status_table *t, const char *list)
{
	int r = 0;

	if (list[0] == '+') {
		r = columns_everyday(t);
		list++;
	}
	while (r == 0) {
		size_t length = strcspn(list, ",");

		r = column_add_named(t, list, length);
		if (!list[length])
			break;
		list += length + 1;
	}
	return r;
}

static int form_set(struct status_table *t)
{
	int r = t->form.columns ? columns_named(t, t->form.columns) : columns_everyday(t);

	if (r == 0)
		r = scols_table_set_name(t->table, "disks");
	if (r == 0)
		r = scols_table_enable_json(t->table, t->form.json);
	if (r == 0)
		r = scols_table_enable_noheadings(t->table, !t->form.headings);
	if (r == 0)
		r = scols_table_enable_colors(t->table, colours_wanted());
	return r;
}

/**
 * status_table_new() - an empty tree
 * @form: how it is to look
 * @ret: receives it; status_table_free() it
 *
 * Returns 0, -EINVAL where @form names a column that there is not, or another
 * negative errno.
 */
int status_table_new(const struct status_form *form, struct status_table *ret)
{
	struct status_table t = { .table = scols_new_table(), .form = *form };
	int r;

	if (!t.table)
		return -ENOMEM;
	for (size_t i = 0; i < COL_COUNT; i++)
		t.place[i] = -1;
	r = form_set(&t);
	if (r < 0) {
		scols_unref_table(t.table);
		return r;
	}
	*ret = t;
	return 0;
}

/** status_columns() - the names of all columns, "name,size,...". */
const char *status_columns(char *buf, size_t size)
{
	size_t length = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < COL_COUNT && length < size; i++)
		length += (size_t)snprintf(buf + length, size - length, "%s%s", i ? "," : "",
					   columns[i].name);
	return buf;
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

/** status_shows() - whether a column is shown. */
bool status_shows(const struct status_table *t, enum status_column column)
{
	return t->place[column] >= 0;
}

/** status_text() - set one value; a column that is not shown is passed over. */
void status_text(struct status_table *t, struct libscols_line *row, enum status_column column,
		 const char *text)
{
	int r;

	if (!row || !text[0] || !status_shows(t, column))
		return;
	if (strlen(text) > t->width[column])
		t->width[column] = strlen(text);
	r = scols_line_set_data(row, (size_t)t->place[column], text);
	if (r < 0 && !t->err)
		t->err = r;
}

/* Green: nothing to do. Red: it cannot go on. What is left waits for somebody. */
static const char *colour_of(const char *state)
{
	static const char *const red[] = { "blocked", "failed", "shrunk" };

	if (!strcmp(state, "full"))
		return "green";
	for (size_t i = 0; i < ARRAY_SIZE(red); i++)
		if (!strcmp(state, red[i]))
			return "red";
	return "yellow";
}

/** status_state() - set the state, in its colour on a terminal. */
void status_state(struct status_table *t, struct libscols_line *row, const char *state)
{
	struct libscols_cell *cell;

	status_text(t, row, COL_STATE, state);
	if (!row || !status_shows(t, COL_STATE) || !scols_table_colors_wanted(t->table))
		return;
	cell = scols_line_get_cell(row, (size_t)t->place[COL_STATE]);
	if (cell)
		scols_cell_set_color(cell, colour_of(state));
}

/** status_number() - set one value: a number, or a size in words for people. */
void status_number(struct status_table *t, struct libscols_line *row, enum status_column column,
		   uint64_t number)
{
	bool is_size = column != COL_NUMBER && column != COL_LBA_SIZE && column != COL_BACKUP_ERRNO;
	char text[SIZE_TEXT];

	if (t->form.json || t->form.bytes || !is_size)
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

/* Nobody asked for the layout: it goes where it would push the rest out of the line. */
static int layout_fit(struct status_table *t)
{
	struct libscols_column *cl;
	size_t width = TREE_WIDTH;

	if (t->form.columns || !status_shows(t, COL_LAYOUT))
		return 0;
	for (size_t i = 0; i < COL_COUNT; i++)
		if (status_shows(t, (enum status_column)i))
			width += t->width[i] + GAP;
	if (width <= scols_table_get_termwidth(t->table))
		return 0;
	cl = scols_table_get_column(t->table, (size_t)t->place[COL_LAYOUT]);
	return scols_column_set_flags(cl, SCOLS_FL_HIDDEN);
}

/**
 * status_table_print() - print the tree on standard output
 *
 * Returns 0, or the first error of all calls for this tree.
 */
int status_table_print(struct status_table *t)
{
	int r = t->err ? t->err : layout_fit(t);

	return r < 0 ? r : listing_print(t->table);
}
