/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_HOLD_H
#define GROWCTL_HOLD_H

#include "conf.h"

int hold_write(const struct conf *conf);

#endif
