/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_XFS_SUPER_H
#define GROWCTL_XFS_SUPER_H

#include "sysfs.h"

void xfs_super_write(int fd);
bool xfs_super_behind(const struct volume *volume, uint64_t at, uint64_t blocks);

#endif
