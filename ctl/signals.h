/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_SIGNALS_H
#define GROWCTL_SIGNALS_H

int signals_open(int more);
int signals_take(int fd);

#endif
