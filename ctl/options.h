/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_OPTIONS_H
#define GROWCTL_OPTIONS_H

#include <stdint.h>

#include <livegrow/policy.h>

#include "target.h"
#include "util.h"

/* What can be said besides a command and a disk; a command takes a set of them. */
enum {
	OPT_JSON = 1 << 0,
	OPT_DRY_RUN = 1 << 1,
	OPT_RECOVER = 1 << 2,
	OPT_AUTO = 1 << 3,
	OPT_TO = 1 << 4,
	OPT_AT_LEAST = 1 << 5,
	OPT_TIMEOUT = 1 << 6,
	OPT_OUTPUT = 1 << 7,
	OPT_BYTES = 1 << 8,
	OPT_NOHEADINGS = 1 << 9,
	OPT_LIST = 1 << 10,
	OPT_ALL = 1 << 11,
	OPT_VERBOSE = 1 << 12,
	OPT_SIZE = 1 << 13,
	OPT_KEEP_FREE = 1 << 14,
	/* Nobody's: these end growctl by themselves. */
	OPT_HELP = 1 << 15,
	OPT_VERSION = 1 << 16,
};

/**
 * struct options - what was said on the command line
 * @disk: the disk's name without "/dev/", or NULL
 * @target: room for it; where a command takes more than a disk, the partition too
 * @image: the file that was named in place of a disk, or NULL
 * @root: the directory to read the configuration below, or NULL for the machine's own
 * @words: what is to be set, "KEY=VALUE", or NULL
 * @n_words: their number
 * @hold: "policy hold" was said
 * @await: "policy wait" was said
 * @given: the options, OPT_*
 * @to: ID of an old table, or 0
 * @at_least: bytes of the disk, or 0
 * @timeout_ms: of OPT_TIMEOUT
 * @columns: of OPT_OUTPUT, as it was said
 * @bounds: of OPT_SIZE and OPT_KEEP_FREE
 */
struct options {
	const char *disk;
	struct target target;
	const char *image;
	const char *root;
	char **words;
	size_t n_words;
	bool hold, await;
	unsigned int given;
	uint32_t to;
	uint64_t at_least;
	int64_t timeout_ms;
	const char *columns;
	struct lg_limits bounds;
};

/* Room for the words that are at fault. */
#define OPTION_WRONG 96

int options_take(int argc, char **argv, struct options *opt, char ret_wrong[OPTION_WRONG]);
const struct lg_limits *options_bounds(const struct options *opt);
const char *option_not_in(unsigned int given, unsigned int allowed);
void options_print(unsigned int allowed);

#endif
