/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PLAN_ROUND_H
#define GROWCTL_PLAN_ROUND_H

#include <livegrow/plan.h>

#include "draft.h"
#include "plan.h"

/**
 * struct round - one pass over a draft: read its table, decide, plan
 * @word: what is permitted
 * @head: LBA 0, LBA 1, the block at the alternate LBA
 * @array: the entry array
 * @buffer: of the plan
 */
struct round {
	struct draft *draft;
	const struct plan_word *word;
	struct lg_table table;
	struct lg_stale stale;
	struct lg_wish wish;
	struct lg_goal goal;
	struct lg_plan plan;
	uint8_t *head, *array, *buffer;
};

int round_blocks_read(const struct draft *draft, uint64_t lba, uint32_t count, uint8_t **ret);
int round_table_read(struct round *round, enum livegrow_reason *ret_reason);
int round_endmeta_read(struct round *round, const struct lg_part *part);
int round_content_read(struct round *round, const struct lg_part *part);
uint64_t round_part_bytes(const struct round *round, const struct lg_part *part);

#endif
