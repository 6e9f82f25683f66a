/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_NET_GENETLINK_H
#define LIVEGROW_COMPAT_NET_GENETLINK_H

#include <linux/version.h>
#include_next <net/genetlink.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)

/* A dump's attributes were in a structure of their own. */
#define genl_info_dump(cb) genl_dumpit_info(cb)

#endif

#endif /* LIVEGROW_COMPAT_NET_GENETLINK_H */
