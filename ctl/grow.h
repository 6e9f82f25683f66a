/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_GROW_H
#define GROWCTL_GROW_H

#include <stdbool.h>

#include "deliver.h"
#include "filesystem.h"
#include "look.h"
#include "options.h"
#include "plan_table.h"

/**
 * struct fs_was - a filesystem's size before the look
 * @dev: the device that it is mounted from
 * @size: bytes
 */
struct fs_was {
	dev_t dev;
	uint64_t size;
};

/**
 * struct grow - the grow of one disk
 * @number: of the partition that was named, or 0
 * @all: no disk was named
 * @bounded: somebody said how far
 * @rules: what holds for the disk
 * @reach: bytes that the last partition would have, in a dry run
 * @plan: of a dry run, which receives what is found; or NULL
 * @was: what its filesystems had
 */
struct grow {
	struct look look;
	uint32_t number;
	bool all, recover, automatic, bounded;
	struct rules rules;
	struct plan_table *plan;
	uint64_t reach;
	struct record after;
	struct volume *volumes;
	size_t n_volumes;
	struct fs_was *was;
	size_t n_was;
	struct libmnt_table *mounts;
	bool changed, failed, any_fs;
};

bool grow_is_refused(const struct grow *g);
void grow_refuse(const struct grow *g, const char *device, const char *text);

int grow_run(const struct options *opt, struct plan_table *plan);

int grow_plan(struct grow *g, uint32_t flags);
int grow_fs_note(struct grow *g);
int grow_fs_all(struct grow *g);

#endif
