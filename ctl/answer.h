/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ANSWER_H
#define GROWCTL_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "nl_disk.h"
#include "sysfs.h"

struct libmnt_table;

/**
 * struct answer - growctl's answer to the module about the last partition
 * @flags: LIVEGROW_FLAG_CONTENT where it may grow, else 0
 * @reason: enum livegrow_reason, why it must not; LIVEGROW_REASON_NONE where it may, where
 *          the module knows the reason by itself, or where growctl cannot find out
 *
 * The daemon sends no answer if neither is set.
 */
struct answer {
	uint32_t flags, reason;
};

struct answer answer_find(struct libmnt_table *mounts, const struct record *disk,
			  const struct volume *volumes, size_t n, bool is_asked);
bool answer_refuses_unasked(struct libmnt_table *mounts, struct record *disk,
			    const struct volume *volumes, size_t n);
void answer_put(const struct answer *answer, struct record *disk);

#endif
