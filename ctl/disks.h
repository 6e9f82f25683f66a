/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DISKS_H
#define GROWCTL_DISKS_H

#include "record.h"

int disks_without_module(const char *name, struct record **ret, size_t *ret_n);

#endif
