/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CONF_PUT_H
#define GROWCTL_CONF_PUT_H

#include <stddef.h>

int conf_folder_lock(const char *path);
int conf_folder_open(void);
int conf_put(int folder, const char *name, const char *text, size_t len);
int conf_drop(int folder, const char *name);

#endif
