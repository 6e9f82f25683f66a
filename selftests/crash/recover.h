/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kmod/recover.c in small: which backup stands in for a dead primary. */
#ifndef CRASH_RECOVER_H
#define CRASH_RECOVER_H

#include <livegrow/recover.h>

#include "reconcile.h"

struct recovery {
	struct lg_table table;
	u8 *made; /* LBA 1 */
	u8 *over;
	struct lg_plan plan;
};

/* Return: why there is nothing to be taken. Freed by recovery_free(), whatever it is. */
enum livegrow_reason recovery_load(const struct disk *disk, const struct kernel *kernel,
				   struct recovery *recovery);
void recovery_free(struct recovery *recovery);

#endif /* CRASH_RECOVER_H */
