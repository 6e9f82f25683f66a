/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PLAN_H
#define GROWCTL_PLAN_H

#include <livegrow/live.h>
#include <livegrow/policy.h>

#include "draft.h"
#include "plan_table.h"

/* Room for a partition's name: of a disk, or of an image, which is that of a file. */
#define DEVICE_TEXT 272

/**
 * struct plan_word - what somebody permits
 * @flags: enum livegrow_flags
 * @limits: how far the last partition may grow
 * @holding: how the last partition is used; its content is read
 * @live_last: its last block live, where another tool took back what had grown; or 0
 * @live: the kernel's partitions
 * @n_live: their number; 0 for an image
 * @is_due: the module says that it would write
 */
struct plan_word {
	uint32_t flags;
	uint64_t live_last;
	struct lg_holding holding;
	struct lg_limits limits;
	const struct lg_live *live;
	uint32_t n_live;
	bool is_due;
};

/**
 * struct plan_end - how a plan ends
 * @state: of the disk then
 * @reason: for it; with LIVEGROW_REASON_NONE the disk has what it can have
 * @number: of the last partition, or 0
 * @type: what it is by its type or content, in words
 * @lba_size: bytes of the disk's logical blocks
 * @other_size: bytes of the table's, if the reason is that they are others
 * @start: byte where it starts
 * @from: its bytes before
 * @to: its bytes after
 * @writes: number of them
 * @is_recovery: they need a person's order for a recovery
 */
struct plan_end {
	enum livegrow_state state;
	enum livegrow_reason reason;
	uint32_t number;
	const char *type;
	uint64_t start, from, to;
	uint32_t lba_size, other_size;
	uint32_t writes;
	bool is_recovery;
};

void plan_end_words(const struct plan_end *end, const char *device, char *ret, size_t size);
int plan_steps(struct draft *draft, const char *device, const struct plan_word *word,
	       struct plan_table *rows, struct plan_end *ret);

#endif
