/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_PV_H
#define GROWCTL_LVM_PV_H

#include <stdint.h>

/**
 * struct lvm_pv - what a physical volume makes of its device
 * @end: the byte at which its extents end
 * @spare: bytes behind it that pvresize would make extents of; 0 where there is no room for one
 */
struct lvm_pv {
	uint64_t end, spare;
};

int lvm_pv_read(int fd, uint64_t volume_size, struct lvm_pv *ret);
int lvm_pv_reach(int fd, uint64_t volume_size, uint64_t *ret, const char **ret_why);

#endif
