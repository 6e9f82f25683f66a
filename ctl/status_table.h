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
	COL_WHY,
	COL_MOUNTPOINT,
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
 * struct status_table - the tree that `growctl status` prints
 * @err: the first error of a call; rows and values after it are dropped
 */
struct status_table {
	struct libscols_table *table;
	bool json;
	int err;
};

int status_table_new(bool json, struct status_table *ret);
void status_table_free(struct status_table *t);
struct libscols_line *status_row(struct status_table *t, struct libscols_line *parent);
void status_text(struct status_table *t, struct libscols_line *row, enum status_column column,
		 const char *text);
void status_number(struct status_table *t, struct libscols_line *row, enum status_column column,
		   uint64_t number);
void status_why(struct status_table *t, struct libscols_line *row, const char *reason_text,
		const char *note);
int status_table_print(struct status_table *t);

#endif
