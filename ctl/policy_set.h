/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_POLICY_SET_H
#define GROWCTL_POLICY_SET_H

#include <stddef.h>

int policy_set(const char *disk, char **words, size_t n);

#endif
