/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PROCESS_H
#define GROWCTL_PROCESS_H

void process_keep(int fd);

#endif
