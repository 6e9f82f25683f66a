/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_SYSFS_H
#define GROWCTL_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util.h"

/**
 * struct volume - a disk or one of its partitions, as the kernel has it now
 * @number: of the partition; 0 is the whole disk
 * @start: byte on the disk
 * @size: bytes
 */
struct volume {
	char name[NAME_SIZE];
	dev_t dev;
	uint32_t number;
	uint64_t start, size;
};

int sysfs_read(int dir, const char *file, char *buf, size_t size);
int volume_attribute_read(const char *name, const char *file, char *buf, size_t size);
int volume_name_of_link(const char *path, char ret[NAME_SIZE]);
int volume_name_of_dev(dev_t dev, char ret[NAME_SIZE]);
int volume_name_of_path(const char *path, char ret[NAME_SIZE]);
uint64_t disk_identity(const char *name);
int volume_read(const char *name, struct volume *ret);
int volumes_of_disk(const char *disk, struct volume **ret, size_t *ret_n);
bool volume_has_fs(const struct volume *volume, const char *driver);
bool disk_has_partitions(const char *disk);
bool volume_is_linked(const char *name, const char *how);
int volume_open(const struct volume *volume);

#endif
