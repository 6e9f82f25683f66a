/* SPDX-License-Identifier: GPL-2.0-only */
/* One look at a disk: compare what is with what ought to be, do what is missing. */
#ifndef LIVEGROW_LOOK_H
#define LIVEGROW_LOOK_H

struct lg_disk;
struct lg_hint;

/**
 * lg_look() - look at a disk, and bring it to where it should be
 * @disk: the disk; its work is running
 * @hint: why, and what is permitted
 *
 * Context: the disk's work; may sleep. The outcome is the disk's status, and
 * events.
 */
void lg_look(struct lg_disk *disk, const struct lg_hint *hint);

#endif /* LIVEGROW_LOOK_H */
