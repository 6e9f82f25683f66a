/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LOOP_H
#define GROWCTL_LOOP_H

#include <stdbool.h>

#include "holder.h"

int loops_each(const struct volume *volume, holder_fn fn, void *arg);
bool loop_is_partial(const struct volume *loop);

#endif
