/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PLAN_TABLE_H
#define GROWCTL_PLAN_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct libscols_table;

/**
 * struct plan_table - the rows of `growctl plan`, as they are collected
 * @json: for machines
 * @verbose: a write is told block by block
 * @err: the first error of all calls
 */
struct plan_table {
	struct libscols_table *table;
	bool json, verbose;
	int err;
};

int plan_table_new(bool json, bool verbose, struct plan_table *ret);
void plan_table_free(struct plan_table *plan);

void plan_row_write(struct plan_table *plan, const char *device, uint32_t step, uint64_t lba,
		    uint32_t blocks, const char *what);
void plan_row_sizes(struct plan_table *plan, const char *device, uint32_t step, const char *what,
		    uint64_t from, uint64_t to);
void plan_row_words(struct plan_table *plan, const char *device, const char *step,
		    const char *what);

int plan_table_print(struct plan_table *plan);

#endif
