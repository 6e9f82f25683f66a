/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DELIVER_H
#define GROWCTL_DELIVER_H

#include <stdint.h>

#include "nl.h"
#include "rules.h"

int deliver(struct lg *lg, const char *disk, const struct rules *now, const struct rules *before,
	    uint32_t flags);

#endif
