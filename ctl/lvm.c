// SPDX-License-Identifier: GPL-2.0-or-later
/* The label of an LVM physical volume. */

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lvm.h"

#define SECTOR 512
#define LABEL_SECTORS 4

struct label {
	char id[8];
	uint64_t sector;
	uint32_t crc, offset;
	char type[8];
};
static_assert(sizeof(struct label) == 32, "not a label's head");

struct pv {
	char uuid[32];
	uint64_t size;
};
static_assert(sizeof(struct pv) == 40, "not a physical volume's head");

static int sector_take(const uint8_t *sector, uint64_t *ret)
{
	struct label label;
	struct pv pv;
	uint32_t offset;

	memcpy(&label, sector, sizeof(label));
	offset = le32toh(label.offset);
	if (memcmp(label.id, "LABELONE", 8) || memcmp(label.type, "LVM2 001", 8) ||
	    offset > SECTOR - sizeof(pv))
		return -EUCLEAN;
	memcpy(&pv, sector + offset, sizeof(pv));
	if (!pv.size)
		return -EUCLEAN;
	*ret = le64toh(pv.size);
	return 0;
}

/**
 * lvm_size() - the size that a physical volume was given
 * @volume: the partition or disk
 * @ret: receives it in bytes
 *
 * Returns 0, -EUCLEAN where there is no label that tells it, or another
 * negative errno.
 */
int lvm_size(const struct volume *volume, uint64_t *ret)
{
	uint8_t front[LABEL_SECTORS * SECTOR];
	int r = -EUCLEAN, fd = volume_open(volume);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = pread(fd, front, sizeof(front), 0);
	if (n < 0)
		r = -errno;
	close(fd);
	for (size_t i = 0; n == sizeof(front) && r == -EUCLEAN && i < LABEL_SECTORS; i++)
		r = sector_take(front + i * SECTOR, ret);
	return r;
}
