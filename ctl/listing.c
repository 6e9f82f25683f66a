// SPDX-License-Identifier: GPL-2.0-or-later
/* What is common to all commands that print a table, or the same as JSON. */

#include <errno.h>
#include <stdlib.h>

#include "listing.h"
#include "text.h"

static int cell_mend(struct libscols_cell *cell)
{
	const char *data = scols_cell_get_data(cell);
	char *valid;
	int r;

	if (!data)
		return 0;
	valid = text_valid(data);
	if (!valid)
		return -ENOMEM;
	r = scols_cell_refer_data(cell, valid);
	if (r < 0)
		free(valid);
	return r;
}

static int line_mend(struct libscols_table *table, struct libscols_line *line)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < scols_table_get_ncols(table); i++)
		r = cell_mend(scols_line_get_cell(line, i));
	return r;
}

/* To people the library shows such bytes as "\xff"; into JSON it puts them as they are. */
static int all_mend(struct libscols_table *table)
{
	struct libscols_line *line;
	int r = 0;

	for (size_t i = 0; r == 0 && (line = scols_table_get_line(table, i)); i++)
		r = line_mend(table, line);
	return r;
}

/**
 * listing_print() - print a table
 * @table: what is no UTF-8 in it is replaced where it is printed as JSON
 *
 * Returns 0 or a negative errno.
 */
int listing_print(struct libscols_table *table)
{
	int r = scols_table_is_json(table) ? all_mend(table) : 0;

	return r < 0 ? r : scols_print_table(table);
}
