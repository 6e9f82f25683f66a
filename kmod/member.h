/* SPDX-License-Identifier: GPL-2.0-only */
/* Partitions that are members of something which looks for itself at their end. */
#ifndef LIVEGROW_MEMBER_H
#define LIVEGROW_MEMBER_H

#include "round.h"

/**
 * lg_member_look() - would a member of an md array lose its superblock by growing?
 * @look: the look, its table read
 * @part: a partition of the table
 * @ret_is: set to the answer
 *
 * May sleep: it reads from the disk, not through its page cache.
 *
 * Return: 0, or a negative errno of the read.
 */
int lg_member_look(struct lg_look *look, const struct lg_part *part, bool *ret_is);

#endif /* LIVEGROW_MEMBER_H */
