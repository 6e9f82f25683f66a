/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CRC_H
#define GROWCTL_CRC_H

#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

/**
 * crc32_go_on() - take more bytes into the CRC-32 of ISO 3309
 * @crc: what came of those before
 * @data: the bytes
 * @len: their number
 *
 * Returns the CRC of all, not inverted: LVM begins and ends it in its own way.
 */
static inline uint32_t crc32_go_on(uint32_t crc, const void *data, size_t len)
{
	return (uint32_t)~crc32_z(~crc, data, len);
}

#endif
