/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ASK_H
#define GROWCTL_ASK_H

#include <stdbool.h>

#include "util.h"

bool ask_any(void);
bool ask_kept(const char *disk, char ret_guid[GUID_SIZE]);
bool ask_has_copy(void);

#endif
