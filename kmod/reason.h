/* SPDX-License-Identifier: GPL-2.0-only */
/* The reason for a disk's state, in words that a person can act on. */
#ifndef LIVEGROW_REASON_H
#define LIVEGROW_REASON_H

#include <linux/types.h>

struct lg_disk;
struct lg_status;

#define LG_REASON_SIZE	160

/**
 * lg_reason_text() - a status' reason in words
 * @disk: the disk
 * @status: its status
 * @text: filled; empty where there is no reason
 * @size: of @text
 */
void lg_reason_text(const struct lg_disk *disk, const struct lg_status *status,
		    char *text, size_t size);

#endif /* LIVEGROW_REASON_H */
