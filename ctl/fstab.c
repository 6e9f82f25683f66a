// SPDX-License-Identifier: GPL-2.0-or-later
/* What /etc/fstab says, in whole or not at all. */

#include <errno.h>
#include <unistd.h>

#include <libmount.h>

#include "fstab.h"

#define FSTAB "/etc/fstab"

/* libmount would pass over a line that it cannot read. */
static int on_error(struct libmnt_table *table, const char *file, int line)
{
	(void)table;
	(void)file;
	(void)line;
	return -EINVAL;
}

/**
 * fstab_read() - take what is to be mounted
 * @ret: receives the table; mnt_unref_table() it
 *
 * Returns 0, -ENOENT where there is no such file, -EINVAL where it has a line that cannot
 * be read, or another negative errno.
 */
int fstab_read(struct libmnt_table **ret)
{
	struct libmnt_table *table;
	int r;

	if (access(FSTAB, R_OK) < 0)
		return -errno;
	table = mnt_new_table();
	if (!table)
		return -ENOMEM;
	mnt_table_set_parser_errcb(table, on_error);
	r = mnt_table_parse_file(table, FSTAB);
	if (r) {
		mnt_unref_table(table);
		return r < 0 ? r : -EINVAL;
	}
	*ret = table;
	return 0;
}
