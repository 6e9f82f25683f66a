/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_VERDICT_H
#define GROWCTL_VERDICT_H

#include "follow.h"
#include "record.h"

/* Room for the words. */
#define VERDICT_TEXT (FOLLOW_TEXT + 160)

/* Grown; not yet; or not by time alone. */
enum verdict_end { VERDICT_DONE, VERDICT_NOT_YET, VERDICT_IN_VAIN };

struct verdict {
	enum verdict_end end;
	char text[VERDICT_TEXT];
};

void verdict_find(const struct record *disk, uint64_t at_least, struct verdict *ret);

#endif
