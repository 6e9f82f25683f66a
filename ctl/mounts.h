/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_MOUNTS_H
#define GROWCTL_MOUNTS_H

#include <stdbool.h>
#include <sys/types.h>

struct libmnt_table;

/**
 * struct mount_place - one filesystem's best place to reach it
 * @type: the kernel's type; valid as long as the table
 * @target: the mountpoint; valid as long as the table
 * @writable: neither this mount nor the filesystem is read-only
 * @fd: the mountpoint, open; -ESTALE when every mount of it is hidden under
 *      another, or another negative errno
 */
struct mount_place {
	const char *type;
	const char *target;
	bool writable;
	int fd;
};

int mounts_read(struct libmnt_table **ret);
int mounts_watch(void);
bool mounts_have(struct libmnt_table *mounts, dev_t dev);
bool mounts_super_writable(struct libmnt_table *mounts, dev_t dev);
bool mounts_writable(struct libmnt_table *mounts, dev_t dev);
int mounts_open(struct libmnt_table *mounts, dev_t dev, struct mount_place *ret);

#endif
