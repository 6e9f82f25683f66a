/* SPDX-License-Identifier: GPL-2.0-only */
/* A dead primary: which backup may stand in for it. */
#ifndef LIVEGROW_KMOD_RECOVER_H
#define LIVEGROW_KMOD_RECOVER_H

#include "reconcile.h"

/**
 * lg_recover_load() - read the table that a dead primary's backup stands for
 * @look: the look; its primary was found dead, its live partitions are listed
 * @heard_last: last LBA of the disk before it grew, as far as it was heard
 * @ret_reason: LIVEGROW_REASON_NONE, or why no backup may be taken
 *
 * On success @look's table is the one that is to be, and its blocks hold what
 * lg_plan_recover() needs.
 *
 * Context: may sleep. Return: 0 when it could be judged, or a negative errno.
 */
int lg_recover_load(struct lg_look *look, u64 heard_last, enum livegrow_reason *ret_reason);

/** lg_recover_dead() - LBA 1 as it was found. */
static inline u8 *lg_recover_dead(const struct lg_look *look)
{
	return look->blocks.head + LG_GPT_PRIMARY_LBA * look->table.lba_size;
}

#endif /* LIVEGROW_KMOD_RECOVER_H */
