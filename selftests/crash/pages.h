/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a power cut can leave of writes that go through the page cache: until a
 * flush each page may have reached the disk or not, as it was after any write.
 */
#ifndef CRASH_PAGES_H
#define CRASH_PAGES_H

#include "judge.h"
#include "ram.h"

#define MAX_PAGES 64
#define MAX_VERSIONS 16
#define PAGE_BYTES 4096

struct page {
	u64 number;
	u32 nr_versions;
	u8 versions[MAX_VERSIONS][PAGE_BYTES]; /* the first is what the disk holds */
};

struct pages {
	struct ram *disk;
	u32 nr;
	struct page pages[MAX_PAGES];
	void (*state)(const struct disk *disk, void *context); /* called for each */
	void *context;
};

void pages_begin(struct pages *pages, struct ram *disk);
void pages_write(struct pages *pages, u64 offset, const u8 *data, u64 len);

/* The states up to here; then all is on the disk. */
void pages_flush(struct pages *pages);

#endif /* CRASH_PAGES_H */
