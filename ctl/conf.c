// SPDX-License-Identifier: GPL-2.0-or-later
/* The configuration: /etc/growctl.conf, then /etc/growctl.conf.d in the order of the names. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_list.h"

#define FILE_MAX (1U << 20)
#define FILES_MAX 1024

/* Only that there is an error may come of it, or -ENOMEM. */
static int file_wrong(struct conf *conf, const char *file, const char *why)
{
	struct conf_error error = { .file = file, .text = (char *)why };

	return conf_error_for_all(conf, &error);
}

/**
 * conf_add_text() - take a file's text
 * @conf: of conf_read(), or zeroes; conf_free() it, after an error too
 * @path: the name under which errors are told
 * @text: what is in it
 * @len: bytes of @text
 *
 * Returns 0 whatever is in it, or -ENOMEM.
 */
int conf_add_text(struct conf *conf, const char *path, const char *text, size_t len)
{
	const char *file;
	int r = conf_file_new(conf, path, &file);

	return r < 0 ? r : conf_parse(conf, file, text, len);
}

/* Returns the bytes, -EFBIG where there are more than FILE_MAX, or another negative errno. */
static ssize_t bytes_read(int fd, char *buf)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = read(fd, buf + len, FILE_MAX + 1 - len);
		if (n < 0 && errno != EINTR)
			return -errno;
		len += n > 0 ? (size_t)n : 0;
	} while (n && len <= FILE_MAX);
	return len > FILE_MAX ? -EFBIG : (ssize_t)len;
}

/* A link that leads nowhere is no missing file: somebody wanted one. */
static bool is_missing(const char *path, int err)
{
	struct stat st;

	return err == -ENOENT && lstat(path, &st) < 0 && errno == ENOENT;
}

static int regular_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EBADFD;
	if (r < 0)
		close(fd);
	return r < 0 ? r : fd;
}

static const char *why_unread(int err)
{
	switch (err) {
	case -EBADFD:
		return "not a regular file; make it one, or remove it";
	case -EFBIG:
		return "larger than 1 MiB; that is no configuration of growctl's";
	case -E2BIG:
		return "more than 1024 files; put their rules into fewer";
	case -ENOENT:
		return "a link that leads nowhere; remove it";
	case -EACCES:
		return "may not be read; run growctl as root, or chmod a+r it";
	default:
		return strerror(-err);
	}
}

/**
 * conf_add_file() - take a file
 * @conf: of conf_read(), or zeroes; conf_free() it, after an error too
 * @path: its name; one that is not there is none
 *
 * What cannot be read is one of @conf's errors.
 *
 * Returns 0 or -ENOMEM.
 */
int conf_add_file(struct conf *conf, const char *path)
{
	char *buf = malloc(FILE_MAX + 1);
	const char *file;
	ssize_t len;
	int r = 0, fd = buf ? regular_open(path) : -ENOMEM;

	if (!buf || is_missing(path, fd)) {
		free(buf);
		return buf ? 0 : -ENOMEM;
	}
	len = fd < 0 ? fd : bytes_read(fd, buf);
	if (len >= 0)
		r = conf_add_text(conf, path, buf, (size_t)len);
	else if (conf_file_new(conf, path, &file) < 0)
		r = -ENOMEM;
	else
		r = file_wrong(conf, file, why_unread((int)len));
	if (fd >= 0)
		close(fd);
	free(buf);
	return r;
}

static int is_conf(const struct dirent *e)
{
	size_t n = strlen(e->d_name), suffix = strlen(CONF_SUFFIX);

	return e->d_name[0] != '.' && n > suffix && !strcmp(e->d_name + n - suffix, CONF_SUFFIX);
}

/* Byte by byte, so that the order is the same whatever the language. */
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int folder_wrong(struct conf *conf, const char *path, int err)
{
	const char *file;
	int r;

	if (is_missing(path, err))
		return 0;
	r = conf_file_new(conf, path, &file);
	return r < 0 ? r : file_wrong(conf, file, why_unread(err));
}

static int folder_add(struct conf *conf, const char *path)
{
	struct dirent **list;
	int r = 0, n = scandir(path, &list, is_conf, by_bytes);
	char file[PATH_MAX + NAME_MAX + 2];

	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : folder_wrong(conf, path, -errno);
	if (n > FILES_MAX)
		r = folder_wrong(conf, path, -E2BIG);
	for (int i = 0; i < n; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, list[i]->d_name);
		if (r == 0 && i < FILES_MAX)
			r = conf_add_file(conf, file);
		free(list[i]);
	}
	free(list);
	return r;
}

/**
 * conf_read() - read the configuration
 * @root: the directory that its paths are below; "" is the machine's own
 * @ret: receives it; conf_free() it
 *
 * What is not understood or cannot be read is one of @ret's errors, and the rest is taken.
 *
 * Returns 0 or -ENOMEM.
 */
int conf_read(const char *root, struct conf *ret)
{
	struct conf conf = { 0 };
	char path[PATH_MAX];
	int r;

	snprintf(path, sizeof(path), "%s" CONF_FILE, root);
	r = conf_add_file(&conf, path);
	snprintf(path, sizeof(path), "%s" CONF_DIR, root);
	if (r == 0)
		r = folder_add(&conf, path);
	if (r < 0)
		conf_free(&conf);
	else
		*ret = conf;
	return r;
}
