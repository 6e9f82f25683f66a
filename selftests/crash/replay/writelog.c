// SPDX-License-Identifier: GPL-2.0-or-later
/* Each entry is a sector of its own, and the data that follow fill whole ones. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "writelog.h"

#define MAGIC 0x6a736677736872ULL
#define VERSION 1

const uint8_t *file_map(const char *path, uint64_t *ret_size)
{
	int fd = open(path, O_RDONLY);
	void *bytes = MAP_FAILED;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st))
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED) {
		perror(path);
		exit(1);
	}
	close(fd);
	*ret_size = (uint64_t)st.st_size;
	return bytes;
}

static void fail(const char *what)
{
	fprintf(stderr, "the log of writes: %s\n", what);
	exit(1);
}

void writelog_open(struct writelog *log, const char *path)
{
	log->bytes = file_map(path, &log->size);
	if (log->size < 512 || get_le(log->bytes, 8) != MAGIC ||
	    get_le(log->bytes + 8, 8) != VERSION)
		fail("not one");
	log->left = get_le(log->bytes + 16, 8);
	log->sector_size = get_le(log->bytes + 24, 4);
	log->at = log->sector_size;
}

static void take(struct writelog *log, uint64_t len)
{
	log->at += len;
	if (log->at > log->size)
		fail("cut short");
}

bool writelog_next(struct writelog *log, struct logged *entry)
{
	const uint8_t *head = log->bytes + log->at;

	if (!log->left)
		return false;
	log->left--;
	take(log, log->sector_size);
	entry->offset = get_le(head, 8) * log->sector_size;
	entry->len = get_le(head + 8, 8) * log->sector_size;
	entry->flags = get_le(head + 16, 8);
	entry->data = log->bytes + log->at;
	take(log, entry->flags & LOGGED_DISCARD ? 0 : entry->len);
	return true;
}

void writelog_close(struct writelog *log)
{
	munmap((void *)log->bytes, log->size);
}
