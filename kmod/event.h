/* SPDX-License-Identifier: GPL-2.0-only */
/* Send events to all subscribers. */
#ifndef LIVEGROW_EVENT_H
#define LIVEGROW_EVENT_H

#include "disk.h"

/* The attributes of an event besides the disk's. Those that are 0 or NULL are absent. */
struct lg_event {
	enum livegrow_event type;
	u32 flags;
	u64 old_capacity;
	u64 part_old_size;
	/* of a report by userspace */
	u32 fs_part;
	const char *fs_type;
	u64 fs_old_size;
	u64 fs_size;
	u32 fs_errno;
	const char *fs_text;		/* kept for privileged requests, not multicast */
};

/**
 * lg_event_send() - multicast an event
 * @disk: the disk it is about
 * @status: the disk's status at this moment
 * @event: the rest
 *
 * It is no error when no process listens. An event that there is no memory for still
 * takes a sequence number, and each subscriber's next receive fails with ENOBUFS.
 *
 * Context: may sleep.
 */
void lg_event_send(struct lg_disk *disk, const struct lg_status *status,
		   const struct lg_event *event);

#endif /* LIVEGROW_EVENT_H */
