/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FAILURE_H
#define GROWCTL_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/**
 * struct failure - the last thing that is known of a disk's filesystems, where it is a failure
 * @disk: whose; set before anything is heard
 * @is: there is one
 * @part: the partition's number, 0 for the disk
 * @capacity: the disk's bytes then
 * @text: why
 */
struct failure {
	const char *disk;
	bool is;
	uint32_t part;
	uint64_t capacity;
	char text[256];
};

void failure_hear(const struct record *event, void *arg);
int failure_recall(struct failure *f);
bool failure_holds(const struct failure *f, const struct record *disk, uint32_t part);

#endif
