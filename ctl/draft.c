// SPDX-License-Identifier: GPL-2.0-or-later
/* A disk as it would be: what lies on it, under what is planned to be written. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#include <livegrow/gpt.h>
#include <livegrow/othersize.h>

#include "draft.h"
#include "util.h"

#define SECTOR 512
#define LBA_SIZE_MAX 65536

/**
 * struct draft_write - what is planned for consecutive blocks
 * @lba: the first
 * @count: their number
 * @data: theirs
 */
struct draft_write {
	uint64_t lba;
	uint32_t count;
	uint8_t *data;
};

static int bytes_read(int fd, uint8_t *buf, size_t size, uint64_t offset)
{
	while (size) {
		ssize_t n = pread(fd, buf, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		buf += n;
		size -= (size_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

/* A disk that is open with O_DIRECT takes whole blocks alone, from memory that is aligned. */
static int aligned_read(int fd, uint8_t *buf, size_t size, uint64_t offset)
{
	void *aligned;
	int r;

	if (posix_memalign(&aligned, LBA_SIZE_MAX, size))
		return -ENOMEM;
	r = bytes_read(fd, aligned, size, offset);
	memcpy(buf, aligned, r == 0 ? size : 0);
	free(aligned);
	return r;
}

/**
 * draft_of_disk() - begin with a block device
 * @fd: the whole disk, open
 * @ret: receives it; draft_free() it
 *
 * Returns 0 or a negative errno.
 */
int draft_of_disk(int fd, struct draft *ret)
{
	struct draft d = { .fd = fd };
	uint64_t bytes;
	int lba_size;

	if (ioctl(fd, BLKGETSIZE64, &bytes) < 0 || ioctl(fd, BLKSSZGET, &lba_size) < 0 ||
	    ioctl(fd, BLKPBSZGET, &d.pblock_size) < 0)
		return -errno;
	if (lba_size < SECTOR || lba_size > LBA_SIZE_MAX || (lba_size & (lba_size - 1)))
		return -EUCLEAN;
	d.lba_size = (uint32_t)lba_size;
	d.lbas = bytes / d.lba_size;
	*ret = d;
	return 0;
}

/*
 * The block size of the guest's disk that an image was made for: only a header shows it. A
 * header for 4096-byte blocks lies where a table of 512 has its entries, so it is the later
 * one; a stale header of 512 may be left in front of it.
 */
static uint32_t lba_size_of(int fd)
{
	static const uint32_t sizes[] = { 4096, 2048, 1024, SECTOR };
	static uint8_t start[LG_OTHER_BYTES];
	ssize_t n = pread(fd, start, sizeof(start), 0);
	struct lg_other other;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (n >= 2 * (ssize_t)sizes[i] &&
		    lg_gpt_header_valid(start + sizes[i], sizes[i], LG_GPT_PRIMARY_LBA))
			return sizes[i];
	other = lg_other_find(start, n > 0 ? (size_t)n : 0, SECTOR);
	return other.lba_size ? other.lba_size : SECTOR;
}

/**
 * draft_of_image() - begin with a file that a guest will have as its disk
 * @fd: the file, open
 * @ret: receives it; draft_free() it
 *
 * Returns 0 or a negative errno.
 */
int draft_of_image(int fd, struct draft *ret)
{
	struct draft d = { .fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	d.lba_size = d.pblock_size = lba_size_of(fd);
	d.lbas = (uint64_t)st.st_size / d.lba_size;
	*ret = d;
	return 0;
}

/** draft_free() - forget what is planned; the descriptor stays open. */
void draft_free(struct draft *draft)
{
	for (size_t i = 0; i < draft->n_writes; i++)
		free(draft->writes[i].data);
	free(draft->writes);
	draft->writes = NULL;
	draft->n_writes = 0;
}

static bool is_inside(const struct draft *d, uint64_t lba, uint32_t count)
{
	return lba < d->lbas && count <= d->lbas - lba && d->lbas <= INT64_MAX / d->lba_size;
}

/* What of @w lies in the @count blocks from @lba on. */
static void lay_over(const struct draft *d, const struct draft_write *w, uint64_t lba,
		     uint32_t count, uint8_t *buf)
{
	uint64_t from = w->lba > lba ? w->lba : lba;
	uint64_t end = w->lba + w->count < lba + count ? w->lba + w->count : lba + count;

	if (from < end)
		memcpy(buf + (from - lba) * d->lba_size, w->data + (from - w->lba) * d->lba_size,
		       (end - from) * d->lba_size);
}

/**
 * draft_read() - read as after all that is planned so far
 * @draft: the disk
 * @lba: first logical block
 * @count: logical blocks
 * @buf: room for them
 *
 * Returns 0, -ERANGE for blocks behind its end, or another negative errno.
 */
int draft_read(const struct draft *draft, uint64_t lba, uint32_t count, uint8_t *buf)
{
	int r;

	if (!is_inside(draft, lba, count))
		return -ERANGE;
	r = aligned_read(draft->fd, buf, (size_t)count * draft->lba_size, lba * draft->lba_size);
	for (size_t i = 0; r == 0 && i < draft->n_writes; i++)
		lay_over(draft, &draft->writes[i], lba, count, buf);
	return r;
}

/**
 * draft_write() - plan a write
 * @draft: the disk
 * @lba: first logical block
 * @count: logical blocks
 * @data: theirs; copied
 *
 * Returns 0, -ERANGE for blocks behind its end, or -ENOMEM.
 */
int draft_write(struct draft *draft, uint64_t lba, uint32_t count, const uint8_t *data)
{
	size_t size = (size_t)count * draft->lba_size;
	struct draft_write *more, w = { .lba = lba, .count = count };

	if (!is_inside(draft, lba, count))
		return -ERANGE;
	more = reallocarray(draft->writes, draft->n_writes + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	draft->writes = more;
	w.data = malloc(size);
	if (!w.data)
		return -ENOMEM;
	memcpy(w.data, data, size);
	more[draft->n_writes++] = w;
	return 0;
}
