/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log that QEMU's blklogwrites keeps of a disk, in dm-log-writes' format. */
#ifndef REPLAY_WRITELOG_H
#define REPLAY_WRITELOG_H

#include <stdbool.h>
#include <stdint.h>

#define LOGGED_FLUSH 1
#define LOGGED_FUA 2
#define LOGGED_DISCARD 4

/* In bytes. A flush, unless it comes with a write, and a discard have no data. */
struct logged {
	uint64_t offset;
	uint64_t len;
	uint64_t flags;
	const uint8_t *data;
};

struct writelog {
	const uint8_t *bytes; /* the file */
	uint64_t size;
	uint64_t sector_size;
	uint64_t left; /* entries */
	uint64_t at;
};

/* Exits where there is none at @path. */
void writelog_open(struct writelog *log, const char *path);
bool writelog_next(struct writelog *log, struct logged *entry);
void writelog_close(struct writelog *log);

/* A file in memory, to be given back by munmap(); exits where that fails. */
const uint8_t *file_map(const char *path, uint64_t *ret_size);

#endif /* REPLAY_WRITELOG_H */
