/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_REMEDY_H
#define GROWCTL_REMEDY_H

#include <stdint.h>

const char *remedy_of_reason(uint32_t reason);

#endif
