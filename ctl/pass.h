/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PASS_H
#define GROWCTL_PASS_H

#include "growers.h"
#include "memory.h"
#include "nl.h"

int pass(struct lg *lg, struct memory *memory, struct growers *growers, bool *ret_settled);

#endif
