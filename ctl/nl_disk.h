/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NL_DISK_H
#define GROWCTL_NL_DISK_H

#include <stddef.h>
#include <stdint.h>

#include <livegrow/policy.h>

#include "nl.h"
#include "record.h"

/**
 * struct fs_report - what was done with a filesystem, for LIVEGROW_CMD_FS_REPORT
 * @number: of the partition, 0 for the whole disk
 * @err: 0, or the negative errno of the failure
 * @why: words for @err
 */
struct fs_report {
	const char *disk;
	uint32_t number;
	const char *type;
	uint64_t old_size, size;
	int err;
	const char *why;
};

/**
 * struct rollback - what to go back to, for LIVEGROW_CMD_DISK_ROLLBACK
 * @number: of the last partition
 * @start: byte on the disk, as it is
 * @size: bytes to go back to
 */
struct rollback {
	uint32_t number;
	uint64_t start, size;
};

int lg_disk_get(struct lg *lg, const char *name, struct record *ret);
int lg_disk_dump(struct lg *lg, struct record **ret, size_t *ret_n);
int lg_disk_answer(struct lg *lg, const char *name, uint32_t reason, uint32_t *ret_look);
int lg_disk_grow(struct lg *lg, const char *name, uint32_t flags, const struct lg_limits *bounds,
		 uint32_t *ret_look);
int lg_disk_set(struct lg *lg, const char *name, uint32_t mode, const struct lg_limits *limits,
		uint32_t flags);
int lg_disk_rollback(struct lg *lg, const char *name, const struct rollback *back, uint32_t flags,
		     uint32_t *ret_look);
int lg_fs_report(struct lg *lg, const struct fs_report *report);

#endif
