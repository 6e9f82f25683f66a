/* SPDX-License-Identifier: GPL-2.0-only */
/* Read what the core has to know of a partition's content and use. */
#ifndef LIVEGROW_HOLDING_H
#define LIVEGROW_HOLDING_H

#include <livegrow/content.h>

#include "round.h"

/**
 * lg_holding_read() - find out what a partition holds, and how it is mounted
 * @look: the look, its table read
 * @part: a partition of the table
 * @ret: filled
 *
 * May sleep: it takes the disk's open_mutex, and reads from the disk.
 *
 * Return: 0, or a negative errno of the read.
 */
int lg_holding_read(struct lg_look *look, const struct lg_part *part, struct lg_holding *ret);

#endif /* LIVEGROW_HOLDING_H */
