/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REST_H
#define GROWCTL_REST_H

void rest(void);

#endif
