/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PLAN_DISK_H
#define GROWCTL_PLAN_DISK_H

#include "plan.h"
#include "record.h"

bool plan_may_write(const char *disk);
int plan_of_disk(const struct record *disk, const struct plan_word *word, struct plan_table *rows,
		 struct plan_end *ret);
int plan_without_module(const char *disk, struct draft *draft, int *ret_fd);

#endif
