// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel uevents, and what else may come over that socket. */
#include <livegrow/uevent.h>
#include <stdlib.h>
#include <string.h>

#include "ktap.h"

/* A literal's own last NUL ends its last string. */
#define MSG(literal) literal, sizeof(literal)
#define CUT(literal) literal, sizeof(literal) - 1

#define DISK "SUBSYSTEM=block\0DEVTYPE=disk\0"
#define NAME31 "a123456789b123456789c123456789d"

static const struct {
	const char *name;
	const char *msg;
	size_t len;
	bool taken;
	bool resize;
	const char *disk;
	/* clang-format off */
} rows[] = {
	{ "a resize of vda", MSG("change@/devices/virtio0/block/vda\0ACTION=change\0"
	  "DEVPATH=/devices/virtio0/block/vda\0" DISK "MAJOR=254\0MINOR=0\0RESIZE=1\0"
	  "DEVNAME=vda\0SEQNUM=4711"), true, true, "vda" },
	{ "a change that is no resize", MSG("change@/x\0ACTION=change\0" DISK "DEVNAME=vda"),
	  true, false, "vda" },
	{ "a disk that came", MSG("add@/x\0ACTION=add\0" DISK "DEVNAME=vdb"),
	  true, false, "vdb" },
	{ "a disk that goes", MSG("remove@/x\0ACTION=remove\0" DISK "DEVNAME=vda"),
	  false, false, "vda" },
	{ "a partition", MSG("change@/x\0ACTION=change\0SUBSYSTEM=block\0DEVTYPE=partition\0"
	  "RESIZE=1\0DEVNAME=vda1"), false, true, "vda1" },
	{ "another subsystem", MSG("change@/x\0ACTION=change\0SUBSYSTEM=net\0DEVTYPE=disk\0"
	  "DEVNAME=eth0"), false, false, "eth0" },
	{ "no subsystem", MSG("change@/x\0ACTION=change\0DEVTYPE=disk\0DEVNAME=vda"),
	  false, false, "vda" },
	{ "no action", MSG("change@/x\0" DISK "RESIZE=1\0DEVNAME=vda"),
	  false, true, "vda" },
	{ "no name", MSG("change@/x\0ACTION=change\0" DISK "RESIZE=1"),
	  false, true, "" },
	{ "an empty name", MSG("change@/x\0ACTION=change\0" DISK "DEVNAME="),
	  false, false, "" },
	{ "a name of 31 characters", MSG("c@/x\0ACTION=change\0" DISK "DEVNAME=" NAME31),
	  true, false, NAME31 },
	{ "a name of 32 characters", MSG("c@/x\0ACTION=change\0" DISK "DEVNAME=" NAME31 "x"),
	  false, false, "" },
	{ "a name of 248 characters", MSG("c@/x\0ACTION=change\0" DISK "DEVNAME=" NAME31 NAME31
	  NAME31 NAME31 NAME31 NAME31 NAME31 NAME31), false, false, "" },
	{ "values that only begin like those sought", MSG("c@/x\0ACTION=changed\0"
	  "SUBSYSTEM=blocks\0DEVTYPE=disks\0RESIZE=10\0DEVNAME=vda"),
	  false, false, "vda" },
	{ "keys that only end like those sought", MSG("c@/x\0XACTION=change\0XSUBSYSTEM=block\0"
	  "XDEVTYPE=disk\0XRESIZE=1\0XDEVNAME=vda"), false, false, "" },
	{ "RESIZE=0", MSG("c@/x\0ACTION=change\0" DISK "RESIZE=0\0DEVNAME=vda"),
	  true, false, "vda" },
	{ "a resize whose name has no NUL", CUT("c@/x\0ACTION=change\0" DISK "RESIZE=1\0"
	  "DEVNAME=vda"), false, true, "" },
	{ "a last string without a NUL behind the name", CUT("c@/x\0ACTION=change\0" DISK
	  "DEVNAME=vda\0RESIZE=1"), true, false, "vda" },
	{ "no NUL at all", CUT("ACTION=change"), false, false, "" },
	{ "empty strings between", MSG("\0\0ACTION=change\0\0" DISK "\0DEVNAME=vda\0\0"),
	  true, false, "vda" },
	{ "nothing", "", 0, false, false, "" },
	{ "one NUL", "", 1, false, false, "" },
	{ "another order", MSG("DEVNAME=vdc\0RESIZE=1\0DEVTYPE=disk\0SUBSYSTEM=block\0"
	  "ACTION=change"), true, true, "vdc" },
};
/* clang-format on */

static void check_row(size_t i)
{
	struct lg_uevent event;
	char *msg = malloc(rows[i].len);

	memset(&event, 0xff, sizeof(event));
	memcpy(msg, rows[i].msg, rows[i].len);
	CHECK_EQ(lg_uevent_parse(msg, rows[i].len, &event), rows[i].taken);
	CHECK_EQ(event.resize, rows[i].resize);
	CHECK(!strcmp(event.disk, rows[i].disk));
	ktap_result("a uevent", rows[i].name);
	free(msg);
}

/* Each prefix in memory of its own length: not a byte behind it is read. */
static void test_truncated(void)
{
	static const char whole[] = "change@/x\0ACTION=change\0" DISK "RESIZE=1\0DEVNAME=vda";
	struct lg_uevent event;

	for (size_t len = 0; len <= sizeof(whole); len++) {
		char *msg = malloc(len);

		memcpy(msg, whole, len);
		CHECK_EQ(lg_uevent_parse(msg, len, &event), len == sizeof(whole));
		free(msg);
	}
	ktap_result("a uevent truncated anywhere is none", NULL);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(i);
	test_truncated();
	return ktap_end();
}
