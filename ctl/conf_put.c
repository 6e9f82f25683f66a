// SPDX-License-Identifier: GPL-2.0-or-later
/* Files of our own in /etc/growctl.conf.d: whole and durable under their names, or not there. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_put.h"

/* No name that is read: see conf_read(). */
#define FRESH ".growctl.new"

static int etc_sync(void)
{
	int r, fd = open("/etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	r = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* Everybody may read what is in it, whatever the umask says. */
static int folder_make(void)
{
	if (mkdir(CONF_DIR, 0755) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (chmod(CONF_DIR, 0755) < 0)
		return -errno;
	return etc_sync();
}

/**
 * conf_folder_lock() - open a folder that several processes write files of ours to
 * @path: the folder
 *
 * The caller is the only one that has it until the descriptor is closed.
 *
 * Returns a descriptor or a negative errno.
 */
int conf_folder_lock(const char *path)
{
	int r, fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX) == 0)
		return fd;
	r = -errno;
	close(fd);
	return r;
}

/**
 * conf_folder_open() - open /etc/growctl.conf.d for writing, made where it is missing
 *
 * Returns as conf_folder_lock() does.
 */
int conf_folder_open(void)
{
	int r = folder_make();

	return r < 0 ? r : conf_folder_lock(CONF_DIR);
}

static int file_fill(int fd, const char *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -ENOSPC;
	return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/**
 * conf_put() - write a file in place of the one that has its name
 * @folder: of conf_folder_open()
 * @name: the file's
 * @text: what is to be in it
 * @len: bytes of @text
 *
 * Returns 0 or a negative errno.
 */
int conf_put(int folder, const char *name, const char *text, size_t len)
{
	int fd, r;

	unlinkat(folder, FRESH, 0);
	fd = openat(folder, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = file_fill(fd, text, len);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(folder, FRESH, folder, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(folder, FRESH, 0);
	else if (fsync(folder) < 0)
		r = -errno;
	return r;
}

/** conf_drop() - remove a file; returns 0, also where there is none, or a negative errno. */
int conf_drop(int folder, const char *name)
{
	if (unlinkat(folder, name, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	return fsync(folder) < 0 ? -errno : 0;
}
