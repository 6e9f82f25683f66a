/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ASK_H
#define GROWCTL_ASK_H

#include <stdbool.h>

bool ask_any(void);
bool ask_kept(const char *disk);
bool ask_has_copy(void);

#endif
