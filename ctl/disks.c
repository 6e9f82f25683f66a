// SPDX-License-Identifier: GPL-2.0-or-later
/* The machine's disks where the module is not there to list them. */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disks.h"
#include "sysfs.h"

/* Not what is made of other disks or of memory: loop, dm, md, zram. */
static bool has_device(const char *name)
{
	char path[32 + NAME_MAX];

	snprintf(path, sizeof(path), "/sys/block/%s/device", name);
	return access(path, F_OK) == 0;
}

static int append(struct record **list, size_t *n, const struct volume *v)
{
	struct record *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	*list = more;
	more[*n] = (struct record){ .capacity = v->size };
	memcpy(more[*n].disk, v->name, sizeof(v->name));
	(*n)++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct record *)a)->disk, ((const struct record *)b)->disk);
}

/**
 * disks_without_module() - names and sizes of disks, by sysfs
 * @name: of the only one that is wanted, or NULL for all that have a driver and a medium
 * @ret: receives records of which nothing but disk and capacity is set, by
 *       their names; free() it
 * @ret_n: receives their number; none where @name is no disk's
 *
 * Returns 0 or a negative errno.
 */
int disks_without_module(const char *name, struct record **ret, size_t *ret_n)
{
	struct record *list = NULL;
	struct volume v;
	struct dirent *e;
	size_t n = 0;
	int r = 0;
	DIR *dir = opendir("/sys/block");

	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir))) {
		bool wanted = name ? !strcmp(e->d_name, name) : has_device(e->d_name);

		if (wanted && volume_read(e->d_name, &v) == 0 && v.size)
			r = append(&list, &n, &v);
	}
	closedir(dir);
	if (r < 0) {
		free(list);
		return r;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_name);
	*ret = list;
	*ret_n = n;
	return 0;
}
