/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FS_OFFLINE_H
#define GROWCTL_FS_OFFLINE_H

const char *fs_offline_why(const char *type);

#endif
