/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FROZEN_H
#define GROWCTL_FROZEN_H

#include "filesystem.h"
#include "look.h"

/* Room for the words of an error. */
#define FROZEN_WHY 256

/**
 * struct frozen_result - how a rollback under a frozen filesystem ended
 * @after: the disk's attributes at the end of its look
 * @why: after an error, the words for it
 */
struct frozen_result {
	struct record after;
	char why[FROZEN_WHY];
};

int frozen_rollback(const char *disk, const struct fs *fs, const struct rollback *back,
		    struct frozen_result *ret);

#endif
