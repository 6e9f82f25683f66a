/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NAMESPACES_H
#define GROWCTL_NAMESPACES_H

#include <stdbool.h>

struct libmnt_table;

int namespaces_find(bool (*is_wanted)(struct libmnt_table *mounts, void *arg), void *arg,
		    struct libmnt_table **ret);

#endif
