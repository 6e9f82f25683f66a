// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The disks that lost space that was in use. The module knows them only while it is loaded,
 * and the daemon may be started again: a file in /run stands for each of them, and holds the
 * identity of the module that knows it. It ends with the boot, as both identities do.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shrunk.h"
#include "sysfs.h"
#include "util.h"

#define FOLDER "/run/growctl.shrunk"
#define PATH_SIZE (sizeof(FOLDER) + NAME_SIZE + 24)

static void path_of(const char *disk, uint64_t identity, char ret[PATH_SIZE])
{
	snprintf(ret, PATH_SIZE, FOLDER "/%s.%" PRIu64, disk, identity);
}

/* Another one after each time that the module is loaded. */
static uint64_t module_identity(void)
{
	struct stat st;

	return stat("/sys/module/livegrow/.", &st) < 0 ? 0 : st.st_ino;
}

static int file_write(const char *path)
{
	int fd, r = 0;

	if (mkdir(FOLDER, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%" PRIu64 "\n", module_identity()) < 0)
		r = -errno;
	close(fd);
	return r;
}

/**
 * shrunk_put() - keep whether a disk lost space that was in use
 * @disk: its name
 * @identity: of disk_identity()
 * @shrunk: it did, and no person has said since that all is well
 *
 * Returns 0 or a negative errno.
 */
int shrunk_put(const char *disk, uint64_t identity, bool shrunk)
{
	char path[PATH_SIZE];

	path_of(disk, identity, path);
	if (shrunk)
		return file_write(path);
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/**
 * shrunk_kept() - whether shrunk_put() keeps that a disk lost space
 * @disk: its name
 * @identity: of disk_identity()
 * @ret_forgotten: receives whether the module was loaded again since, and does not know
 */
bool shrunk_kept(const char *disk, uint64_t identity, bool *ret_forgotten)
{
	char path[PATH_SIZE], text[24];

	path_of(disk, identity, path);
	*ret_forgotten = false;
	if (sysfs_read(AT_FDCWD, path, text, sizeof(text)) < 0)
		return false;
	*ret_forgotten = strtoull(text, NULL, 10) != module_identity();
	return true;
}

/** shrunk_any() - whether shrunk_put() keeps any disk. */
bool shrunk_any(void)
{
	DIR *folder = opendir(FOLDER);
	bool any = false;
	struct dirent *e;

	while (folder && !any && (e = readdir(folder)))
		any = e->d_name[0] != '.';
	if (folder)
		closedir(folder);
	return any;
}
