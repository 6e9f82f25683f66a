/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A layout's disk, the uninterrupted run on it, and its states after a cut. */
#ifndef CRASH_SUBJECT_H
#define CRASH_SUBJECT_H

#include "cuts.h"
#include "layouts.h"
#include "reconcile.h"

#define NR_MORE 3

/* The disk grown at once to where a crashed one grows later. */
struct direct {
	u64 last_lba;
	struct ram final;
	struct found found;
};

struct subject {
	const struct layout *layout;
	struct disk base; /* before the first write, with room to grow */
	struct found before;
	struct found after;
	struct trace trace; /* of the uninterrupted run */
	struct outcome outcome;
	struct ram final;
	struct direct more[NR_MORE]; /* after subject_grow_more() */
};

/* A cut into the @write-th write of a trace, all earlier ones complete. */
struct cut {
	const struct trace *trace;
	u32 write;
	const bool *written; /* per sector of it */
};

void subject_new(struct subject *subject, const struct layout *layout);
void subject_grow_more(struct subject *subject);
void subject_free(struct subject *subject);

/* The disk as it is at the layout's size, and the kernel that boots with it. */
void subject_boot(const struct subject *subject, const struct ram *ram, struct kernel *kernel);

/* Is it the old table, or the new one? */
bool subject_knows(const struct subject *subject, const struct found *found);

void cut_apply(struct ram *ram, const struct cut *cut);

#endif /* CRASH_SUBJECT_H */
