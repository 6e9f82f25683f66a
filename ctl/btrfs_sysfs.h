/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_BTRFS_SYSFS_H
#define GROWCTL_BTRFS_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a UUID in words, and for the name of an exclusive operation. */
#define BTRFS_UUID_TEXT 37
#define BTRFS_OPERATION_TEXT 32

int btrfs_of_device(const char *device, char ret_uuid[BTRFS_UUID_TEXT]);
bool btrfs_has_device(const char *uuid, const char *device);
size_t btrfs_devices(const char *device);
int btrfs_ids(const char *uuid, uint64_t **ret, size_t *ret_n);
bool btrfs_is_writeable(const char *uuid, uint64_t id);
int btrfs_operation(const char *uuid, char ret[BTRFS_OPERATION_TEXT]);

#endif
