// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into the partition tools: what they write to $DISK, and when they
 * flush it, is appended to $SPY_LOG as records of spy.h.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "spy.h"

static bool is_disk(int fd)
{
	const char *disk = getenv("DISK");
	char link[32], path[4096];
	ssize_t len;

	if (!disk || !getenv("SPY_LOG"))
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	return !strcmp(path, disk);
}

static void tell(uint64_t offset, const void *data, uint64_t len)
{
	struct spy_record record = { offset, len };
	struct iovec parts[] = { { &record, sizeof(record) }, { (void *)data, len } };
	int log = open(getenv("SPY_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (log < 0 || writev(log, parts, 2) != (ssize_t)(sizeof(record) + len))
		abort();
	close(log);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
	ssize_t done = real(fd, data, len, offset);

	if (done > 0 && is_disk(fd))
		tell((uint64_t)offset, data, (uint64_t)done);
	return done;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t offset)
{
	return pwrite(fd, data, len, offset);
}

ssize_t write(int fd, const void *data, size_t len)
{
	ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
	ssize_t done = real(fd, data, len);

	if (done > 0 && is_disk(fd))
		tell((uint64_t)(lseek(fd, 0, SEEK_CUR) - done), data, (uint64_t)done);
	return done;
}

static int flush(int fd, const char *name)
{
	int (*real)(int) = dlsym(RTLD_NEXT, name);

	if (is_disk(fd))
		tell(0, NULL, 0);
	return real(fd);
}

int fsync(int fd)
{
	return flush(fd, "fsync");
}

int fdatasync(int fd)
{
	return flush(fd, "fdatasync");
}

void sync(void)
{
	void (*real)(void) = dlsym(RTLD_NEXT, "sync");

	if (getenv("SPY_LOG"))
		tell(0, NULL, 0);
	real();
}
