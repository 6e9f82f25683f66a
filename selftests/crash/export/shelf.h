/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks as files, and a line of JSON that tells what is expected of each. */
#ifndef EXPORT_SHELF_H
#define EXPORT_SHELF_H

#include <stdio.h>

#include "judge.h"

/* Disks are numbered from 0 as they come; the files are made of some of them. */
struct shelf {
	const char *prefix; /* of the files' names */
	u32 first;
	u32 count;
	u32 seen;
};

/* The next disk comes. Return: is it wanted? Then its line is begun. */
bool shelf_wants(struct shelf *shelf);

/* The line's parts, in this order: a name as by printf, the disk, what it becomes, the end. */
void shelf_name(const char *format, ...) __attribute__((format(printf, 1, 2)));
void shelf_disk(const struct shelf *shelf, const struct disk *disk);
void shelf_final(const struct shelf *shelf, const struct disk *disk, bool full, bool free_tail);
void shelf_done(void);

#endif /* EXPORT_SHELF_H */
