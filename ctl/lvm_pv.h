/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_PV_H
#define GROWCTL_LVM_PV_H

#include <stdint.h>

int lvm_pv_reach(int fd, uint64_t volume_size, uint64_t *ret, const char **ret_why);

#endif
