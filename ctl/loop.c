// SPDX-License-Identifier: GPL-2.0-or-later
/* Loop devices on a volume: the kernel does not list them among its holders. */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "loop.h"

/* A path elsewhere is that of a file, and to look at it may wait for another machine. */
static bool lies_on(const char *loop, const struct volume *below)
{
	char file[PATH_MAX], name[NAME_SIZE];

	return !strncmp(loop, "loop", strlen("loop")) &&
	       volume_attribute_read(loop, "loop/backing_file", file, sizeof(file)) == 0 &&
	       !strncmp(file, "/dev/", strlen("/dev/")) && volume_name_of_path(file, name) == 0 &&
	       !strcmp(name, below->name);
}

/**
 * loops_each() - call for every loop device that is made of a volume
 * @volume: the partition, disk or mapping
 * @fn: returns 0, or what ends it
 * @arg: for @fn
 *
 * Returns 0, what @fn returned, or a negative errno.
 */
int loops_each(const struct volume *volume, holder_fn fn, void *arg)
{
	DIR *dir = opendir("/sys/block");
	struct volume loop;
	struct dirent *e;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (e = readdir(dir)))
		if (lies_on(e->d_name, volume) && volume_read(e->d_name, &loop) == 0)
			r = fn(&loop, arg);
	closedir(dir);
	return r;
}

/** loop_is_partial() - whether a loop device was given a size of its own, which it keeps. */
bool loop_is_partial(const struct volume *loop)
{
	char limit[32];

	return volume_attribute_read(loop->name, "loop/sizelimit", limit, sizeof(limit)) == 0 &&
	       strcmp(limit, "0") != 0;
}
