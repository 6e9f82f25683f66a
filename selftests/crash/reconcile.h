/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module's reconcile on a disk in memory, around the same core. */
#ifndef CRASH_RECONCILE_H
#define CRASH_RECONCILE_H

#include <livegrow/live.h>
#include <livegrow/plan.h>
#include <livegrow/rollback.h>

#include "judge.h"
#include "ram.h"

#define MAX_WRITES 32

struct write {
	enum livegrow_step id;
	u64 lba;
	u32 count;
	u8 *data;
};

/* What was written, in order; each was flushed before the next. */
struct trace {
	u32 nr;
	struct write writes[MAX_WRITES];
};

/* What a kernel holds of the disk, from its boot on. */
struct kernel {
	u32 lba_size;
	u64 settled_last; /* the disk's end when it was last in order, or first seen */
	u64 used_last; /* its end when nothing was left to do, or a partition grew live */
	u64 fitted_last; /* the end that a commit was for since then, or 0 */
	u64 seen_last; /* at the last round */
	bool was_shrunk; /* below what was in use */
	u32 resuming;
	u32 align;
	u32 flags;
	struct lg_holding holding; /* of the last partition */
	struct lg_rollback order; /* its part is 0 where none is given */
	u32 nr_live;
	struct lg_live live[LG_MAX_PARTS];
};

enum ending {
	ENDED_IN_ORDER, /* nothing is left to do */
	ENDED_REFUSED,
	ENDED_ASTRAY, /* a step met what it did not expect, or it went on and on */
};

struct outcome {
	enum ending ending;
	enum livegrow_reason reason;
	u32 writes;
	u32 unlawful; /* writes that touch what they must not */
	u32 shrunk; /* partitions that would have become smaller live */
};

/* The host makes the disk smaller in the middle of a run. */
struct shrink {
	u32 after; /* writes of the run */
	u64 last_lba;
	const struct shrink *next; /* or NULL */
};

/* A kernel boots with this disk, and finds what the judge says. */
void kernel_boot(struct kernel *kernel, const struct disk *disk, u32 align, u32 flags);

/* Until nothing is left to do. @trace may be NULL; trace_free() frees what it got. */
void reconcile(struct ram *ram, struct kernel *kernel, struct trace *trace,
	       struct outcome *outcome);
void trace_free(struct trace *trace);

/* The same, and the disk shrinks meanwhile. */
void reconcile_shrinking(struct ram *ram, struct kernel *kernel, const struct shrink *shrink,
			 struct trace *trace, struct outcome *outcome);

/*
 * May this be written now? Not over a partition that a reboot would find, not
 * over the array that LBA 1 names, and LBA 0 and 1 only by themselves.
 */
bool write_is_lawful(const struct disk *disk, const struct found *found, u64 lba, u32 count);

#endif /* CRASH_RECONCILE_H */
