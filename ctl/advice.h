/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ADVICE_H
#define GROWCTL_ADVICE_H

#include "filesystem.h"
#include "record.h"

/* Room for an advice; "" is none. */
#define ADVICE_SIZE 256

void advice_behind(const struct record *disk, const struct fs *fs, char ret[ADVICE_SIZE]);
void advice_fs(const struct record *disk, const struct fs *fs, int err, char ret[ADVICE_SIZE]);
void advice_tail(const struct record *disk, char ret[ADVICE_SIZE]);
void advice_backup(const struct record *disk, char ret[ADVICE_SIZE]);
void advice_partition(const struct record *disk, const struct volume *v, char ret[ADVICE_SIZE]);
void advice_offline(const struct volume *v, char ret[ADVICE_SIZE]);

#endif
