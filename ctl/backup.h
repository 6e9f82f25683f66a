/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_BACKUP_H
#define GROWCTL_BACKUP_H

#include "nl.h"
#include "record.h"

int backup_store(struct lg *lg, int dir, const struct record *disk);
int backup_fetch(struct lg *lg, const struct record *disk);

#endif
