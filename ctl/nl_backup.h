/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NL_BACKUP_H
#define GROWCTL_NL_BACKUP_H

#include <stddef.h>
#include <stdint.h>

#include "nl.h"
#include "util.h"

/**
 * struct backup - an old table as the module hands it out
 * @id: the module's number for it
 * @time: when it was replaced, nanoseconds of CLOCK_REALTIME
 * @lba_size: bytes of a logical block
 * @data: logical blocks: LBA 0, LBA 1, the one at the alternate LBA, the entry array
 * @size: bytes of @data
 */
struct backup {
	uint32_t id;
	uint64_t time;
	uint32_t lba_size;
	uint8_t *data;
	size_t size;
};

int lg_backup_dump(struct lg *lg, const char *disk, struct backup **ret, size_t *ret_n);
void lg_backup_free(struct backup *list, size_t n);
int lg_backup_taken(struct lg *lg, const char *disk, uint32_t id, int err);

#endif
