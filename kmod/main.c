// SPDX-License-Identifier: GPL-2.0-only
/* livegrow: a guest's disk was made larger on the host; the guest follows. */
#include <linux/module.h>

#include "disk.h"
#include "enumerate.h"
#include "netlink.h"
#include "watch.h"

/* dkms.conf has the same, for versions of DKMS that read it. */
static_assert(IS_ENABLED(CONFIG_64BIT), "livegrow is for 64-bit kernels");
static_assert(IS_ENABLED(CONFIG_EFI_PARTITION), "livegrow is for kernels that know GPT");

static int __init livegrow_init(void)
{
	int err;

	err = lg_disks_init();
	if (err)
		return err;
	err = lg_netlink_start();
	if (err)
		goto exit_disks;
	/* A disk that changes while the disks are listed sends a uevent: listen first. */
	err = lg_watch_start();
	if (err)
		goto stop_netlink;
	err = lg_enumerate_start();
	if (err)
		goto stop_watch;
	return 0;

stop_watch:
	lg_watch_stop();
stop_netlink:
	lg_netlink_stop();
exit_disks:
	lg_disks_exit();
	return err;
}

static void __exit livegrow_exit(void)
{
	/* The looks that lg_disks_quiesce() waits for still send events. */
	lg_watch_stop();
	lg_disks_quiesce();
	lg_enumerate_stop();
	lg_netlink_stop();
	lg_disks_exit();
}

module_init(livegrow_init);
module_exit(livegrow_exit);

MODULE_DESCRIPTION("Grows the partitions of a running guest's disks with the disks");
MODULE_AUTHOR("The livegrow developers");
MODULE_LICENSE("GPL");
