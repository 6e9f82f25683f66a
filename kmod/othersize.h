/* SPDX-License-Identifier: GPL-2.0-only */
/* Disks that the host attaches with another block size than their table has. */
#ifndef LIVEGROW_KMOD_OTHERSIZE_H
#define LIVEGROW_KMOD_OTHERSIZE_H

#include <livegrow/othersize.h>

#include "round.h"

/**
 * lg_othersize_look() - is the table of another block size?
 * @look: the look, nr_live set; LBA 1 is no header that is valid
 * @ret: the table, if there is one
 *
 * Partitions that the kernel has were read with the disk's own block size, so there is
 * nothing to find if it has any.
 *
 * May sleep: it reads from the disk, not through its page cache.
 *
 * Return: 0, also if the start cannot be read, or -ENOMEM.
 */
int lg_othersize_look(struct lg_look *look, struct lg_other *ret);

/**
 * lg_othersize_verdict() - end the look with the table's block size as the reason
 * @look: the look
 * @other: the table
 *
 * Return: 0, as lg_look_verdict().
 */
int lg_othersize_verdict(struct lg_look *look, const struct lg_other *other);

#endif /* LIVEGROW_KMOD_OTHERSIZE_H */
