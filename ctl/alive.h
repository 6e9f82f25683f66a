/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ALIVE_H
#define GROWCTL_ALIVE_H

#include <stdbool.h>
#include <sys/types.h>

int alive_begin(void);
bool alive_daemon(void);
int alive_pid(pid_t *ret);

#endif
