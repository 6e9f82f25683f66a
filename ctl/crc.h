/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CRC_H
#define GROWCTL_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_go_on(uint32_t crc, const void *data, size_t len);

#endif
