/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_RELOAD_H
#define GROWCTL_RELOAD_H

int policy_reload(void);

#endif
