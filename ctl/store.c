// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What growctl keeps of disks, in /var/lib/livegrow:
 *
 *   GUID.ID.gpt   an old table, as `sgdisk --load-backup` reads it; its time is
 *                 when it was replaced
 *   GUID.ask      the disk was rolled back and stays in mode ask
 *
 * GUID is the disk's in its table, since its name may be another after a boot.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"

/* Three sectors and the largest array. */
#define FILE_MAX (1536 + (4 << 20))

/* What is longer is no ID of ours, and no ID overflows. */
#define ID_DIGITS_MAX 9

#define FRESH ".new"

/**
 * store_open() - open the store for reading
 *
 * Returns a descriptor, -ENOENT where nothing was ever stored, or another
 * negative errno.
 */
int store_open(void)
{
	int dir = open(STORE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return dir < 0 ? -errno : dir;
}

/**
 * store_make() - open the store for writing, made where it is missing
 *
 * The caller alone has it until the descriptor is closed.
 *
 * Returns a descriptor or a negative errno.
 */
int store_make(void)
{
	int dir, r = 0;

	if (mkdir(STORE_DIR, 0700) < 0 && errno != EEXIST)
		return -errno;
	dir = store_open();
	if (dir < 0)
		return dir;
	if (fchmod(dir, 0700) < 0 || flock(dir, LOCK_EX) < 0)
		r = -errno;
	if (r < 0) {
		close(dir);
		return r;
	}
	return dir;
}

/** store_name() - the file of an old table. */
void store_name(const char *guid, uint32_t id, char ret[STORE_NAME_SIZE])
{
	snprintf(ret, STORE_NAME_SIZE, "%s.%u.gpt", guid, id);
}

/* 0 for a file that is none of this disk's. */
static uint32_t id_of(const char *name, const char *guid)
{
	const char *digits = name + strlen(guid) + 1;
	size_t n;

	if (strncmp(name, guid, strlen(guid)) || name[strlen(guid)] != '.')
		return 0;
	n = strspn(digits, "0123456789");
	if (!n || n > ID_DIGITS_MAX || digits[0] == '0' || strcmp(digits + n, ".gpt"))
		return 0;
	return (uint32_t)strtoul(digits, NULL, 10);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int append(uint32_t **list, size_t *n, uint32_t id)
{
	uint32_t *more = reallocarray(*list, *n + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	more[(*n)++] = id;
	*list = more;
	return 0;
}

/* A stream of its own: @dir's place in the directory is everybody's. */
static int names_open(int dir, DIR **ret)
{
	int r, fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	*ret = fdopendir(fd);
	if (*ret)
		return 0;
	r = -errno;
	close(fd);
	return r;
}

static int names_read(int dir, const char *guid, uint32_t **list, size_t *n)
{
	struct dirent *e;
	DIR *stream;
	int r = names_open(dir, &stream);

	if (r < 0)
		return r;
	while (r == 0 && (e = readdir(stream)))
		if (id_of(e->d_name, guid))
			r = append(list, n, id_of(e->d_name, guid));
	closedir(stream);
	return r;
}

/**
 * store_ids() - the old tables that are stored of a disk
 * @dir: of store_open() or store_make()
 * @guid: the disk's
 * @ret: receives their IDs, oldest first; free() it
 * @ret_n: receives their number
 *
 * Returns 0 or a negative errno.
 */
int store_ids(int dir, const char *guid, uint32_t **ret, size_t *ret_n)
{
	uint32_t *list = NULL;
	size_t n = 0;
	int r = names_read(dir, guid, &list, &n);

	if (r < 0) {
		free(list);
		return r;
	}
	if (n)
		qsort(list, n, sizeof(*list), by_number);
	*ret = list;
	*ret_n = n;
	return 0;
}

static int file_read(int fd, size_t size, struct table *ret)
{
	uint8_t *bytes = malloc(size);
	ssize_t n;
	int r;

	if (!bytes)
		return -ENOMEM;
	n = read(fd, bytes, size);
	r = n < 0 ? -errno : (size_t)n != size ? -EUCLEAN : table_take(bytes, size, ret);
	if (r < 0)
		free(bytes);
	return r;
}

/**
 * store_load() - read an old table
 * @dir: of store_open() or store_make()
 * @guid: the disk's
 * @id: of store_ids()
 * @ret: receives it
 *
 * Returns 0, -ENOENT, -EUCLEAN where the file is damaged or another disk's, or
 * another negative errno.
 */
int store_load(int dir, const char *guid, uint32_t id, struct stored *ret)
{
	char name[STORE_NAME_SIZE];
	struct stored s = { .id = id };
	struct stat st;
	int fd, r;

	store_name(guid, id, name);
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 && (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > FILE_MAX))
		r = -EUCLEAN;
	if (r == 0)
		r = file_read(fd, (size_t)st.st_size, &s.table);
	close(fd);
	if (r < 0)
		return r;
	if (strcmp(s.table.guid, guid)) {
		free(s.table.bytes);
		return -EUCLEAN;
	}
	s.when = st.st_mtim;
	*ret = s;
	return 0;
}

static int file_fill(int fd, const void *bytes, size_t len, const struct timespec *when)
{
	const struct timespec times[2] = { *when, *when };
	ssize_t n = write(fd, bytes, len);

	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -ENOSPC;
	return futimens(fd, times) < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* Whole and durable under its name, or not there. */
static int file_write(int dir, const char *name, const void *bytes, size_t len,
		      const struct timespec *when)
{
	int fd, r;

	unlinkat(dir, FRESH, 0);
	fd = openat(dir, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = file_fill(fd, bytes, len, when);
	if (close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && renameat(dir, FRESH, dir, name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(dir, FRESH, 0);
	else if (fsync(dir) < 0)
		r = -errno;
	return r;
}

/* A daemon that died before it could say so, or another tool, brings the same again. */
static bool is_newest(int dir, const struct table *table, const uint32_t *ids, size_t n)
{
	struct stored s;
	bool same;

	if (!n || store_load(dir, table->guid, ids[n - 1], &s) < 0)
		return false;
	same = s.table.len == table->len && !memcmp(s.table.bytes, table->bytes, table->len);
	free(s.table.bytes);
	return same;
}

static void prune(int dir, const char *guid, const uint32_t *ids, size_t n)
{
	char name[STORE_NAME_SIZE];

	for (size_t i = 0; i + STORE_KEEP < n; i++) {
		store_name(guid, ids[i], name);
		unlinkat(dir, name, 0);
	}
}

/**
 * store_put() - store an old table durably, and drop those that are too many
 * @dir: of store_make()
 * @table: the table
 * @when: it was replaced
 *
 * Returns 0 or a negative errno.
 */
int store_put(int dir, const struct table *table, const struct timespec *when)
{
	char name[STORE_NAME_SIZE];
	uint32_t *ids;
	size_t n;
	int r = store_ids(dir, table->guid, &ids, &n);

	if (r < 0)
		return r;
	if (!is_newest(dir, table, ids, n)) {
		store_name(table->guid, n ? ids[n - 1] + 1 : 1, name);
		r = file_write(dir, name, table->bytes, table->len, when);
		/* One more was just written. */
		if (r == 0 && n >= STORE_KEEP)
			prune(dir, table->guid, ids, n + 1);
	}
	free(ids);
	return r;
}

static void ask_name(const char *guid, char ret[STORE_NAME_SIZE])
{
	snprintf(ret, STORE_NAME_SIZE, "%s.ask", guid);
}

/**
 * store_ask_put() - keep that a disk stays in mode ask
 * @dir: of store_make()
 * @guid: the disk's
 *
 * Returns 0 or a negative errno.
 */
int store_ask_put(int dir, const char *guid)
{
	const struct timespec now = { .tv_nsec = UTIME_NOW };
	char name[STORE_NAME_SIZE];

	ask_name(guid, name);
	return file_write(dir, name, "", 0, &now);
}

/** store_ask_drop() - the end of store_ask_put(); returns 0 or a negative errno. */
int store_ask_drop(int dir, const char *guid)
{
	char name[STORE_NAME_SIZE];

	ask_name(guid, name);
	return unlinkat(dir, name, 0) < 0 ? -errno : 0;
}

/** store_ask_any() - whether any disk stays in mode ask. */
bool store_ask_any(int dir)
{
	const size_t at = GUID_SIZE - 1;
	struct dirent *e;
	bool any = false;
	DIR *stream;

	if (names_open(dir, &stream) < 0)
		return false;
	while (!any && (e = readdir(stream)))
		any = strlen(e->d_name) > at && !strcmp(e->d_name + at, ".ask");
	closedir(stream);
	return any;
}

/** store_ask_have() - whether a disk stays in mode ask. */
bool store_ask_have(int dir, const char *guid)
{
	char name[STORE_NAME_SIZE];

	ask_name(guid, name);
	return faccessat(dir, name, F_OK, 0) == 0;
}
