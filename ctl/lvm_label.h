/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_LABEL_H
#define GROWCTL_LVM_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LVM_SECTOR 512

/* What LVM's checksums begin with; they are not inverted at their end. */
#define LVM_CRC_START UINT32_C(0xf597a6cf)

/* Where a label may lie, in bytes from the volume's start. */
#define LVM_LABEL_RANGE (4 * LVM_SECTOR)

/* Characters of a physical volume's UUID, without the dashes it is printed with. */
#define LVM_UUID_SIZE 32

/* More than there is room for in a label's sector. */
#define LVM_AREAS_MAX 32

/**
 * struct lvm_area - bytes of a physical volume
 * @size: 0 is all to the volume's end, for a data area
 */
struct lvm_area {
	uint64_t start, size;
};

/**
 * struct lvm_label - what a physical volume says of itself
 * @device_size: bytes; true only as long as it is in no volume group
 * @metadata: its metadata areas, all of them inside of the volume
 * @in_group: it says that it is in a volume group
 */
struct lvm_label {
	char uuid[LVM_UUID_SIZE];
	uint64_t device_size;
	size_t areas;
	struct lvm_area metadata[LVM_AREAS_MAX];
	bool in_group;
};

int lvm_label_take(const uint8_t head[LVM_LABEL_RANGE], uint64_t volume_size,
		   struct lvm_label *ret);

#endif
