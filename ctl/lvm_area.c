// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A metadata area of an LVM physical volume: a sector that tells where the text in
 * force lies, and behind it a ring in which each new text follows the one before.
 * LVM2's lib/format_text/layout.h.
 */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crc.h"
#include "lvm_area.h"

#define MDA_MAGIC " LVM2 x[5A%r0N*>"
#define MDA_VERSION 1
#define TEXT_IGNORED 0x00000001

/* All little-endian. @offset counts from the area's start. */
struct raw_locn {
	uint64_t offset, size;
	uint32_t crc, flags;
} __attribute__((packed));

/* Behind the text in force stands the one that a command is about to put in force. */
struct mda_header {
	uint32_t crc;
	char magic[16];
	uint32_t version;
	uint64_t start, size;
	struct raw_locn text;
	uint8_t rest[448];
} __attribute__((packed));
static_assert(sizeof(struct mda_header) == LVM_SECTOR, "not an area's header");
static_assert(sizeof(MDA_MAGIC) == 17, "not the magic's size");

#define CRC_FROM offsetof(struct mda_header, magic)

/**
 * lvm_read() - read bytes of a physical volume, all or none
 * @fd: the volume
 * @buf: receives them
 * @len: their number
 * @at: the byte that they begin at; @at + @len is below 2^63
 *
 * Returns 0, -EIO where it ends before, or another negative errno.
 */
int lvm_read(int fd, void *buf, size_t len, uint64_t at)
{
	uint8_t *to = buf;

	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static bool is_sound(const struct mda_header *h, const struct lvm_area *area)
{
	uint32_t crc =
		crc32_go_on(LVM_CRC_START, (const uint8_t *)h + CRC_FROM, sizeof(*h) - CRC_FROM);

	return le32toh(h->crc) == crc && !memcmp(h->magic, MDA_MAGIC, sizeof(h->magic)) &&
	       le32toh(h->version) == MDA_VERSION && le64toh(h->start) == area->start &&
	       le64toh(h->size) == area->size;
}

static int text_check(const struct raw_locn *text, uint64_t area_size)
{
	uint64_t offset = le64toh(text->offset), size = le64toh(text->size);

	if (le32toh(text->flags) & TEXT_IGNORED)
		return -ENOLINK;
	if (!offset && !size)
		return -ENODATA;
	if (offset < LVM_SECTOR || offset >= area_size || !size || size > area_size - LVM_SECTOR)
		return -EUCLEAN;
	return size > LVM_TEXT_MAX ? -EFBIG : 0;
}

/* What reaches past the area's end goes on behind its header. */
static int text_read(int fd, const struct lvm_area *area, const struct raw_locn *text, char *buf)
{
	uint64_t offset = le64toh(text->offset);
	size_t size = (size_t)le64toh(text->size), first = size;
	int r;

	if (first > area->size - offset)
		first = (size_t)(area->size - offset);
	r = lvm_read(fd, buf, first, area->start + offset);
	if (r == 0)
		r = lvm_read(fd, buf + first, size - first, area->start + LVM_SECTOR);
	if (r == 0 && crc32_go_on(LVM_CRC_START, buf, size) != le32toh(text->crc))
		r = -EUCLEAN;
	return r;
}

/**
 * lvm_area_read() - read the text in force of a metadata area
 * @fd: the volume
 * @area: of its label
 * @ret: receives the text, without a NUL behind it; free() it
 * @ret_len: receives its bytes
 *
 * Returns 0, -ENODATA where the area is empty, -ENOLINK where it is set aside, and what
 * is in it means nothing, -EUCLEAN where header or text are damaged, -EFBIG for
 * one over LVM_TEXT_MAX, or another negative errno.
 */
int lvm_area_read(int fd, const struct lvm_area *area, char **ret, size_t *ret_len)
{
	struct mda_header header;
	char *text;
	int r;

	if (area->size <= sizeof(header))
		return -EUCLEAN;
	r = lvm_read(fd, &header, sizeof(header), area->start);
	if (r == 0)
		r = is_sound(&header, area) ? text_check(&header.text, area->size) : -EUCLEAN;
	if (r < 0)
		return r;
	text = malloc((size_t)le64toh(header.text.size));
	if (!text)
		return -ENOMEM;
	r = text_read(fd, area, &header.text, text);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret = text;
	*ret_len = (size_t)le64toh(header.text.size);
	return 0;
}
