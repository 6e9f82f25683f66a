/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DRAFT_H
#define GROWCTL_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "sysfs.h"

struct draft_write;

/**
 * struct draft - a disk or an image, with what is planned to be written over it
 * @fd: to read it by, of the caller
 * @lba_size: bytes of a logical block
 * @pblock_size: bytes of a physical one
 * @lbas: logical blocks of it
 * @writes: planned, in their order
 * @n_writes: their number
 */
struct draft {
	int fd;
	uint32_t lba_size, pblock_size;
	uint64_t lbas;
	struct draft_write *writes;
	size_t n_writes;
};

int draft_of_disk(int fd, struct draft *ret);
int draft_of_image(int fd, struct draft *ret);
void draft_free(struct draft *draft);

int draft_read(const struct draft *draft, uint64_t lba, uint32_t count, uint8_t *buf);
int draft_write(struct draft *draft, uint64_t lba, uint32_t count, const uint8_t *data);

#endif
