/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LOOK_H
#define GROWCTL_LOOK_H

#include "nl_disk.h"

/**
 * struct look - a look at a disk that was asked for
 * @lg: the connection for requests
 * @events: the connection for events, open since before the request
 * @disk: the disk's name
 * @bounds: how far a grow may go, in place of the disk's own; or NULL
 * @table_updated: an event told that the table was written meanwhile
 * @recovered: an event told that a dead primary was written anew meanwhile
 * @part_old_size: what the partition had, where an event told that it grew
 */
struct look {
	struct lg *lg;
	struct lg *events;
	const char *disk;
	const struct lg_limits *bounds;
	bool table_updated;
	bool recovered;
	uint64_t part_old_size;
};

int look_open(struct look *look, struct lg *lg, struct lg *events);
void look_close(struct look *look);
int look_ask(struct look *look, uint32_t flags, struct record *ret);
int look_rollback(struct look *look, const struct rollback *back, uint32_t flags,
		  struct record *ret);

#endif
