/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FS_OFFLINE_H
#define GROWCTL_FS_OFFLINE_H

#include <stdbool.h>

bool fs_never_grows(const char *type);
const char *fs_offline_why(const char *type);

#endif
