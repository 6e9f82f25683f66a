/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CMD_H
#define GROWCTL_CMD_H

#include <stdbool.h>

#include "nl.h"
#include "util.h"

/* What growctl exits with. */
enum {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_FAILED = 2, /* refused by the kernel, or failed */
	EXIT_NOTHING = 3, /* grow: there was nothing to do */
};

/**
 * struct options - what was said on the command line
 * @disk: the disk's name without "/dev/", or NULL
 * @name: room for it
 * @automatic: grow only what mode auto would, were the disk in use
 * @to: ID of an old table, or 0
 */
struct options {
	const char *disk;
	char name[NAME_SIZE];
	bool json;
	bool dry_run;
	bool recover;
	bool automatic;
	uint32_t to;
};

int cmd_status(const struct options *opt);
int cmd_watch(const struct options *opt);
int cmd_grow(const struct options *opt);
int cmd_history(const struct options *opt);
int cmd_rollback(const struct options *opt);
int cmd_daemon(const struct options *opt);

int cmd_complain_open(int err);
int cmd_complain_disk(const struct lg *lg, const char *disk, int err);

#endif
