/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_SHRUNK_H
#define GROWCTL_SHRUNK_H

#include <stdbool.h>
#include <stdint.h>

int shrunk_put(const char *disk, uint64_t identity, bool shrunk);
bool shrunk_kept(const char *disk, uint64_t identity, bool *ret_forgotten);
bool shrunk_any(void);

#endif
