/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STATUS_TABLE_H
#define GROWCTL_STATUS_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct libscols_line;
struct libscols_table;

enum status_column {
	COL_NAME,
	COL_SIZE,
	COL_TYPE,
	COL_STATE,
	COL_LAYOUT,
	COL_MOUNTPOINT,
	COL_WHY,
	COL_REACH,
	COL_REASON,
	COL_REASON_TEXT,
	COL_NOTE,
	COL_DRIVER,
	COL_MODE,
	COL_LBA_SIZE,
	COL_NUMBER,
	COL_START,
	COL_FREE_TAIL,
	COL_BACKUP_ERRNO,
	COL_FSTYPE,
	COL_COUNT
};

/**
 * struct status_form - how the tree is to look
 * @json: for machines
 * @bytes: sizes as numbers
 * @headings: a first line that names the columns
 * @tree: the names as a tree
 * @columns: "name,size", "+driver", or NULL for those of every day
 */
struct status_form {
	bool json, bytes, headings, tree;
	const char *columns;
};

/**
 * struct status_table - the tree that `growctl status` prints
 * @place: of a column among those that are shown, or -1
 * @width: of a column's widest text, in bytes
 * @err: the first error of a call; rows and values after it are dropped
 */
struct status_table {
	struct libscols_table *table;
	struct status_form form;
	int place[COL_COUNT];
	size_t width[COL_COUNT];
	int err;
};

int status_table_new(const struct status_form *form, struct status_table *ret);
void status_table_free(struct status_table *t);
const char *status_columns(char *buf, size_t size);
struct libscols_line *status_row(struct status_table *t, struct libscols_line *parent);
bool status_shows(const struct status_table *t, enum status_column column);
void status_text(struct status_table *t, struct libscols_line *row, enum status_column column,
		 const char *text);
void status_state(struct status_table *t, struct libscols_line *row, const char *state);
void status_number(struct status_table *t, struct libscols_line *row, enum status_column column,
		   uint64_t number);
void status_why(struct status_table *t, struct libscols_line *row, const char *reason_text,
		const char *note);
int status_table_print(struct status_table *t);

#endif
