/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ASK_H
#define GROWCTL_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "nl.h"

bool ask_kept(const char *disk);
uint32_t ask_set(struct lg *lg, const char *disk);

#endif
