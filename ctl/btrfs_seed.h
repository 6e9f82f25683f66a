/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_BTRFS_SEED_H
#define GROWCTL_BTRFS_SEED_H

#include "sysfs.h"

bool btrfs_is_seed(const struct volume *volume);

#endif
