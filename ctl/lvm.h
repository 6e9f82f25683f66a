/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_H
#define GROWCTL_LVM_H

#include "sysfs.h"

int lvm_size(const struct volume *volume, uint64_t *ret);

#endif
