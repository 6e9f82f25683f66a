/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_RECORD_H
#define GROWCTL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <livegrow/policy.h>

#include "util.h"

struct nlmsghdr;

/**
 * struct record - what one message of the kernel says about one disk
 * @has: bit n is set when attribute n was there; what was not is zero or ""
 *
 * Units are those of linux/livegrow.h: bytes, nanoseconds of CLOCK_MONOTONIC or,
 * for @backup_time, of CLOCK_REALTIME.
 */
struct record {
	uint64_t has;
	char disk[NAME_SIZE];
	char driver[32];
	char reason_text[256];
	char fs_type[32];
	uint64_t capacity, old_capacity;
	uint64_t part_start, part_size, part_old_size, part_reach, free_tail;
	uint64_t fs_old_size, fs_size;
	uint64_t backup_time;
	uint64_t time, time_changed, time_table, time_part;
	uint32_t lba_size, mode, state, reason, step, error, part, look, flags;
	uint32_t event, seq;
	uint32_t backups, backup_errno, backup_id, backup_size, backup_offset;
	uint64_t part_max, keep_free, min_step;
	uint32_t keep_per_cent, align, part_held;
};

enum field_kind { FIELD_STRING, FIELD_U32, FIELD_U64, FIELD_WORD };

/**
 * struct field - one attribute of the kernel's messages
 * @attr: enum livegrow_attr
 * @kind: how it is carried; a word is a u32 with a name
 * @key: its name in JSON
 * @offset: in struct record
 * @size: of its place there
 * @word: the name of a FIELD_WORD's value
 */
struct field {
	int attr;
	enum field_kind kind;
	const char *key;
	size_t offset, size;
	const char *(*word)(uint32_t value);
};

extern const struct field record_fields[];
extern const size_t record_n_fields;

bool record_has(const struct record *rec, int attr);
bool record_would_write(const struct record *rec);
bool record_since_change(const struct record *rec, int attr, uint64_t time, uint64_t *ret_ns);
const char *record_reason(const struct record *rec);
struct lg_limits record_limits(const struct record *rec);
int record_parse(struct nlmsghdr *nlh, struct record *ret);

#endif
