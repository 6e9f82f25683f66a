/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_AGAIN_H
#define GROWCTL_AGAIN_H

#include "memory.h"
#include "record.h"

void again_hint(struct memory *m, const struct record *event);
void again_all(struct memory *m);
void again_doubt(struct disk_memory *mem);
void again_busy(struct memory *m);
void again_busy_end(struct memory *m);
bool again_take(struct disk_memory *mem);
int again_patience(const struct memory *m);

#endif
