/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LOCK_H
#define GROWCTL_LOCK_H

int disk_lock(const char *disk);
int lock_wait(int fd, const char *who, const char *path);

#endif
