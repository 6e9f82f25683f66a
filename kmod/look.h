/* SPDX-License-Identifier: GPL-2.0-only */
/* One look at a disk: compare what is with what ought to be, do what is missing. */
#ifndef LIVEGROW_LOOK_H
#define LIVEGROW_LOOK_H

#include <linux/types.h>

struct lg_disk;
struct lg_hint;
struct lg_look;

/**
 * lg_look_alloc() - memory for a disk's looks
 * @disk: the disk
 *
 * Return: what lg_look_free() takes, or NULL.
 */
struct lg_look *lg_look_alloc(struct lg_disk *disk);

/** lg_look_free() - the inverse. */
void lg_look_free(struct lg_look *look);

/**
 * lg_look() - look at a disk, and bring it to where it should be
 * @look: of lg_look_alloc(); the disk's work is running
 * @hint: why, and what is permitted
 *
 * Context: the disk's work; may sleep. The outcome is the disk's status, and
 * events.
 */
void lg_look(struct lg_look *look, const struct lg_hint *hint);

/** lg_look_has_failed() - did the look, of a lg_look() that has returned, fail? */
bool lg_look_has_failed(const struct lg_look *look);

/**
 * lg_look_repeats_failure() - is the outcome a failure that was reported, or a wait after it?
 * @look: of a lg_look() that has returned
 *
 * The wait is for growctl's answer, without which a retry writes nothing.
 */
bool lg_look_repeats_failure(const struct lg_look *look);

/** lg_look_has_switched() - did it fail at the commit point, or later? */
bool lg_look_has_switched(const struct lg_look *look);

/**
 * lg_look_may_pass() - did the look end for a cause that may pass by itself?
 * @look: of a lg_look() that has returned
 *
 * Memory is short for a moment, a path to a disk comes back, or a filesystem is
 * remounted, without a uevent.
 */
bool lg_look_may_pass(const struct lg_look *look);

#endif /* LIVEGROW_LOOK_H */
