/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The CRC of GPTs, eight bytes at a time: it is taken some million times. */
#ifndef CRASH_CRC_H
#define CRASH_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t quick_crc(const uint8_t *data, size_t len);

#endif /* CRASH_CRC_H */
