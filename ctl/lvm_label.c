// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The label of an LVM physical volume: one sector with LVM's header, the volume's
 * UUID and size, where its data and its metadata lie, and a flag that tells whether
 * a volume group uses it. LVM2's lib/label/label.h and lib/format_text/layout.h.
 */

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "crc.h"
#include "lvm_label.h"

#define EXTENSION_WITH_FLAGS 2
#define EXTENSION_USED 0x00000001

/* Little-endian; the checksum is that of what stands behind it in the sector. */
struct label_header {
	char id[8];
	uint64_t sector;
	uint32_t crc, offset;
	char type[8];
} __attribute__((packed));
static_assert(sizeof(struct label_header) == 32, "not a label's header");

#define CRC_FROM offsetof(struct label_header, offset)

struct pv_header {
	char uuid[LVM_UUID_SIZE];
	uint64_t device_size;
} __attribute__((packed));
static_assert(sizeof(struct pv_header) == 40, "not a physical volume's header");

struct disk_locn {
	uint64_t start, size;
} __attribute__((packed));

struct extension {
	uint32_t version, flags;
} __attribute__((packed));

/* What is left of the sector. */
struct rest {
	const uint8_t *at;
	size_t left;
};

static int take(struct rest *rest, void *ret, size_t len)
{
	if (rest->left < len)
		return -EUCLEAN;
	memcpy(ret, rest->at, len);
	rest->at += len;
	rest->left -= len;
	return 0;
}

/* A list ends with an area at 0, where none can be. */
static int area_take(struct rest *rest, uint64_t volume_size, struct lvm_area *ret)
{
	struct disk_locn locn;

	if (take(rest, &locn, sizeof(locn)) < 0)
		return -EUCLEAN;
	ret->start = le64toh(locn.start);
	ret->size = le64toh(locn.size);
	if (ret->start > volume_size || ret->size > volume_size - ret->start)
		return -EUCLEAN;
	return ret->start != 0;
}

static int areas_take(struct rest *rest, uint64_t volume_size, struct lvm_area *areas, size_t *ret)
{
	struct lvm_area area;
	size_t n = 0;
	int r;

	while ((r = area_take(rest, volume_size, &area)) > 0) {
		if (n == LVM_AREAS_MAX)
			return -EUCLEAN;
		areas[n++] = area;
	}
	*ret = n;
	return r;
}

/* Older versions of LVM wrote none. */
static bool says_used(struct rest *rest)
{
	struct extension extension;

	return take(rest, &extension, sizeof(extension)) == 0 &&
	       le32toh(extension.version) >= EXTENSION_WITH_FLAGS &&
	       le32toh(extension.flags) & EXTENSION_USED;
}

static int content_take(struct rest rest, uint64_t volume_size, struct lvm_label *ret)
{
	struct lvm_area data[LVM_AREAS_MAX];
	struct lvm_label label = { 0 };
	struct pv_header header;
	size_t n;

	/* The data areas' extent is in the metadata; of an unused volume it is its size. */
	if (take(&rest, &header, sizeof(header)) < 0 ||
	    areas_take(&rest, volume_size, data, &n) < 0 ||
	    areas_take(&rest, volume_size, label.metadata, &label.areas) < 0)
		return -EUCLEAN;
	memcpy(label.uuid, header.uuid, sizeof(label.uuid));
	label.device_size = le64toh(header.device_size);
	label.in_group = says_used(&rest);
	*ret = label;
	return 0;
}

static bool is_label(const uint8_t *sector, uint64_t number)
{
	struct label_header header;

	memcpy(&header, sector, sizeof(header));
	return !memcmp(header.id, "LABELONE", sizeof(header.id)) &&
	       !memcmp(header.type, "LVM2 001", sizeof(header.type)) &&
	       le64toh(header.sector) == number &&
	       le32toh(header.crc) ==
		       crc32_go_on(LVM_CRC_START, sector + CRC_FROM, LVM_SECTOR - CRC_FROM);
}

static int sector_take(const uint8_t *sector, uint64_t volume_size, struct lvm_label *ret)
{
	struct label_header header;
	uint32_t offset;

	memcpy(&header, sector, sizeof(header));
	offset = le32toh(header.offset);
	if (offset < sizeof(header) || offset > LVM_SECTOR)
		return -EUCLEAN;
	return content_take((struct rest){ sector + offset, LVM_SECTOR - offset }, volume_size,
			    ret);
}

/**
 * lvm_label_take() - find and check the label of a physical volume
 * @head: the volume's first bytes
 * @volume_size: bytes of the whole volume
 * @ret: receives what it says
 *
 * Returns 0, -ENODATA where there is none whose checksum is right, -ENOTUNIQ where
 * there are several, or -EUCLEAN where one makes no sense.
 */
int lvm_label_take(const uint8_t head[LVM_LABEL_RANGE], uint64_t volume_size, struct lvm_label *ret)
{
	const uint8_t *found = NULL;

	for (uint64_t i = 0; i < LVM_LABEL_RANGE / LVM_SECTOR; i++) {
		if (!is_label(head + i * LVM_SECTOR, i))
			continue;
		if (found)
			return -ENOTUNIQ;
		found = head + i * LVM_SECTOR;
	}
	return found ? sector_take(found, volume_size, ret) : -ENODATA;
}
