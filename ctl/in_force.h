/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_IN_FORCE_H
#define GROWCTL_IN_FORCE_H

#include <stdbool.h>

#include "policy.h"
#include "record.h"

bool in_force_known(const struct record *disk);
bool in_force_other(const struct record *disk, const struct policy *policy, enum policy_key key,
		    struct policy_value *ret);
const char *in_force_remedy(void);

#endif
