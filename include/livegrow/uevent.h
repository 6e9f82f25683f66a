/* SPDX-License-Identifier: GPL-2.0-only */
/* One kernel uevent, as it goes over the netlink multicast group. */
#ifndef LIVEGROW_UEVENT_H
#define LIVEGROW_UEVENT_H

#include <livegrow/platform.h>

#define LG_UEVENT_NAME_SIZE	32	/* as DISK_NAME_LEN */

struct lg_uevent {
	char disk[LG_UEVENT_NAME_SIZE];
	bool resize;		/* RESIZE=1 */
};

/**
 * lg_uevent_parse() - is this about a whole disk that came or changed?
 * @msg: "change@devpath", then KEY=value strings, each NUL-terminated
 * @len: bytes in @msg
 * @event: filled when it is
 */
bool lg_uevent_parse(const char *msg, size_t len, struct lg_uevent *event);

#endif /* LIVEGROW_UEVENT_H */
