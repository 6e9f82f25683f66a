// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A partition table in the form of `sgdisk --backup`, whatever the disk's
 * logical block: protective MBR, header, backup header, each in 512 bytes, and
 * the entry array. UEFI specification, section 5.3. Nothing that is read is
 * believed: all of it may come from a damaged file or disk.
 */

#include <endian.h>
#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <zlib.h>

#include "table.h"

#define SECTOR 512
#define LBA_SIZE_MAX 65536
#define ENTRY_SIZE_MIN 128
#define ARRAY_MAX (4U << 20)
#define HEADER_SIZE_MIN 92

enum { AT_MBR, AT_HEADER, AT_BACKUP, AT_ARRAY };

struct gpt_header {
	char signature[8];
	uint32_t revision, size, crc, reserved;
	uint64_t my_lba, alternate_lba, first_usable, last_usable;
	uint8_t guid[16];
	uint64_t array_lba;
	uint32_t entries, entry_size, array_crc;
	uint8_t rest[SECTOR - HEADER_SIZE_MIN];
} __attribute__((packed));
static_assert(sizeof(struct gpt_header) == SECTOR, "not a header's sector");

struct gpt_entry {
	uint8_t type[16], guid[16];
	uint64_t first, last;
} __attribute__((packed));
static_assert(sizeof(struct gpt_entry) == 48, "not an entry's beginning");

static uint32_t crc_of(const void *data, size_t len)
{
	return (uint32_t)crc32_z(0, data, len);
}

/* The first three fields are little-endian numbers, the others bytes. */
static void guid_text(const uint8_t g[16], char ret[GUID_SIZE])
{
	snprintf(ret, GUID_SIZE,
		 "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", g[3], g[2],
		 g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13], g[14],
		 g[15]);
}

static bool header_sound(const struct gpt_header *on_disk)
{
	struct gpt_header h = *on_disk;
	uint32_t size = le32toh(h.size), crc = le32toh(h.crc);

	if (memcmp(h.signature, "EFI PART", 8) || size < HEADER_SIZE_MIN || size > SECTOR)
		return false;
	h.crc = 0;
	return crc_of(&h, size) == crc;
}

static size_t array_bytes(const struct gpt_header *h)
{
	uint64_t size = le32toh(h->entry_size);

	if (size < ENTRY_SIZE_MIN || size % 8 || size * le32toh(h->entries) > ARRAY_MAX)
		return 0;
	return (size_t)(size * le32toh(h->entries));
}

static const struct gpt_header *header_at(const uint8_t *bytes, int place)
{
	return (const void *)(bytes + (size_t)place * SECTOR);
}

/**
 * table_take() - check a table in the form of `sgdisk --backup`
 * @bytes: of malloc(); @ret's after success
 * @len: their number
 * @ret: receives the table
 *
 * One of the two headers suffices, as it does to restore the table.
 *
 * Returns 0 or -EUCLEAN.
 */
int table_take(uint8_t *bytes, size_t len, struct table *ret)
{
	struct table t = { .bytes = bytes, .len = len };
	const struct gpt_header *h;
	uint64_t my, other;

	if (len <= AT_ARRAY * SECTOR)
		return -EUCLEAN;
	h = header_at(bytes, AT_HEADER);
	if (!header_sound(h))
		h = header_at(bytes, AT_BACKUP);
	if (!header_sound(h) || !array_bytes(h) || len != AT_ARRAY * SECTOR + array_bytes(h) ||
	    crc_of(bytes + AT_ARRAY * SECTOR, array_bytes(h)) != le32toh(h->array_crc))
		return -EUCLEAN;
	guid_text(h->guid, t.guid);
	my = le64toh(h->my_lba);
	other = le64toh(h->alternate_lba);
	t.last_lba = my > other ? my : other;
	t.entries = le32toh(h->entries);
	t.entry_size = le32toh(h->entry_size);
	*ret = t;
	return 0;
}

static bool lba_size_sound(uint32_t size)
{
	return size >= SECTOR && size <= LBA_SIZE_MAX && !(size & (size - 1));
}

/* The three blocks in front, of which a header takes the first 512 bytes, and the array. */
static int assemble(const uint8_t *blocks, uint32_t lba_size, const uint8_t *array, size_t len,
		    struct table *ret)
{
	uint8_t *bytes = malloc(AT_ARRAY * SECTOR + len);
	int r;

	if (!bytes)
		return -ENOMEM;
	for (size_t i = 0; i < AT_ARRAY; i++)
		memcpy(bytes + i * SECTOR, blocks + i * lba_size, SECTOR);
	memcpy(bytes + AT_ARRAY * SECTOR, array, len);
	r = table_take(bytes, AT_ARRAY * SECTOR + len, ret);
	if (r < 0)
		free(bytes);
	return r;
}

/**
 * table_of_backup() - what the module kept of an old table
 * @backup: of lg_backup_dump()
 * @ret: receives it
 *
 * Returns 0, -EUCLEAN where it is none, or -ENOMEM.
 */
int table_of_backup(const struct backup *backup, struct table *ret)
{
	size_t lba_size = backup->lba_size, front = AT_ARRAY * lba_size;
	struct gpt_header h;

	if (!lba_size_sound(backup->lba_size) || backup->size <= front)
		return -EUCLEAN;
	memcpy(&h, backup->data + lba_size, sizeof(h));
	if (!header_sound(&h))
		memcpy(&h, backup->data + AT_BACKUP * lba_size, sizeof(h));
	if (!array_bytes(&h) || array_bytes(&h) > backup->size - front)
		return -EUCLEAN;
	return assemble(backup->data, backup->lba_size, backup->data + front, array_bytes(&h), ret);
}

static int bytes_read(int fd, void *buf, size_t len, uint64_t offset)
{
	ssize_t n = offset > INT64_MAX ? 0 : pread(fd, buf, len, (off_t)offset);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EUCLEAN;
}

static int array_read(int fd, uint32_t lba_size, const struct gpt_header *h, uint8_t **ret)
{
	uint64_t lba = le64toh(h->array_lba);
	uint8_t *array;
	int r;

	if (!header_sound(h) || !array_bytes(h) || lba > (uint64_t)INT64_MAX / lba_size)
		return -EUCLEAN;
	array = malloc(array_bytes(h));
	if (!array)
		return -ENOMEM;
	r = bytes_read(fd, array, array_bytes(h), lba * lba_size);
	if (r < 0)
		free(array);
	else
		*ret = array;
	return r;
}

/* One header and its array; the other blocks are left empty. */
static int header_read(int fd, uint32_t lba_size, uint64_t offset, int place, struct table *ret)
{
	uint8_t blocks[AT_ARRAY * SECTOR] = { 0 }, *array = NULL;
	const struct gpt_header *h = header_at(blocks, place);
	int r = bytes_read(fd, blocks + (size_t)place * SECTOR, SECTOR, offset);

	if (r == 0)
		r = array_read(fd, lba_size, h, &array);
	if (r < 0)
		return r;
	r = assemble(blocks, SECTOR, array, array_bytes(h), ret);
	free(array);
	return r;
}

static int either_read(int fd, uint32_t lba_size, uint64_t capacity, struct table *ret)
{
	int r = header_read(fd, lba_size, lba_size, AT_HEADER, ret);

	if (r == -EUCLEAN && capacity > lba_size)
		r = header_read(fd, lba_size, capacity - lba_size, AT_BACKUP, ret);
	return r;
}

/**
 * table_of_disk() - the table that a disk has now
 * @disk: of volume_read()
 * @ret: receives it, without its MBR and the other header; by the backup at
 *       the disk's end where the primary is gone
 * @ret_lba_size: receives the bytes of a logical block
 *
 * Returns 0, -EUCLEAN where there is none that is sound, -EACCES where it takes
 * root, or another negative errno.
 */
int table_of_disk(const struct volume *disk, struct table *ret, uint32_t *ret_lba_size)
{
	int r, lba_size = 0, fd = volume_open(disk);

	if (fd < 0)
		return fd;
	r = ioctl(fd, BLKSSZGET, &lba_size) < 0 ? -errno : 0;
	if (r == 0 && !lba_size_sound((uint32_t)lba_size))
		r = -EUCLEAN;
	if (r == 0)
		r = either_read(fd, (uint32_t)lba_size, disk->size, ret);
	close(fd);
	if (r == 0)
		*ret_lba_size = (uint32_t)lba_size;
	return r;
}

static const uint8_t *entry_at(const struct table *t, uint32_t number)
{
	return t->bytes + AT_ARRAY * SECTOR + (size_t)(number - 1) * t->entry_size;
}

/**
 * table_last() - the partition that ends last
 * @t: the table
 * @ret: receives it
 *
 * Returns whether there is any.
 */
bool table_last(const struct table *t, struct table_part *ret)
{
	static const uint8_t unused[16];
	struct table_part last = { 0 };
	struct gpt_entry e;

	for (uint32_t number = 1; number <= t->entries; number++) {
		memcpy(&e, entry_at(t, number), sizeof(e));
		if (!memcmp(e.type, unused, sizeof(unused)) || le64toh(e.last) < last.last)
			continue;
		last = (struct table_part){ number, le64toh(e.first), le64toh(e.last) };
	}
	*ret = last;
	return last.number && last.first <= last.last;
}

/**
 * table_equal_but_end() - whether two tables name the same partitions
 * @a: the one
 * @b: the other
 * @number: the partition whose last block may differ
 */
bool table_equal_but_end(const struct table *a, const struct table *b, uint32_t number)
{
	const size_t end = offsetof(struct gpt_entry, last);

	if (strcmp(a->guid, b->guid) || a->entries != b->entries || a->entry_size != b->entry_size)
		return false;
	for (uint32_t i = 1; i <= a->entries; i++) {
		const uint8_t *x = entry_at(a, i), *y = entry_at(b, i);

		if (memcmp(x, y, end) || (i != number && memcmp(x + end, y + end, 8)) ||
		    memcmp(x + end + 8, y + end + 8, a->entry_size - end - 8))
			return false;
	}
	return true;
}
