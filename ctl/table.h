/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TABLE_H
#define GROWCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nl_backup.h"
#include "sysfs.h"

/**
 * struct table - a GUID partition table whose checksums are right
 * @guid: of the disk
 * @last_lba: the last logical block of the disk that it was made for
 * @entries: their number
 * @entry_size: bytes of one
 * @bytes: what `sgdisk --backup` would write; free() it
 * @len: of @bytes
 */
struct table {
	char guid[GUID_SIZE];
	uint64_t last_lba;
	uint32_t entries, entry_size;
	uint8_t *bytes;
	size_t len;
};

/**
 * struct table_part - one partition
 * @number: from 1
 * @first: logical block
 * @last: logical block, the partition's last
 */
struct table_part {
	uint32_t number;
	uint64_t first, last;
};

int table_take(uint8_t *bytes, size_t len, struct table *ret);
int table_of_backup(const struct backup *backup, struct table *ret);
int table_of_disk(const struct volume *disk, struct table *ret, uint32_t *ret_lba_size);
bool table_last(const struct table *t, struct table_part *ret);
bool table_equal_but_end(const struct table *a, const struct table *b, uint32_t number);

#endif
