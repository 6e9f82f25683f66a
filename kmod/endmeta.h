/* SPDX-License-Identifier: GPL-2.0-only */
/* Partitions that hold a format whose metadata is found from their end. */
#ifndef LIVEGROW_KMOD_ENDMETA_H
#define LIVEGROW_KMOD_ENDMETA_H

#include <livegrow/endmeta.h>

#include "round.h"

/**
 * lg_endmeta_read() - find metadata at the end of a partition
 * @look: the look, its table read
 * @part: a partition of the table
 * @ret: set to the format, or to NULL where there is none
 *
 * May sleep: it reads from the disk, not through its page cache.
 *
 * Return: 0, or a negative errno of the read.
 */
int lg_endmeta_read(struct lg_look *look, const struct lg_part *part,
		    const struct lg_endmeta **ret);

#endif /* LIVEGROW_KMOD_ENDMETA_H */
