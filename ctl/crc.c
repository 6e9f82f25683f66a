// SPDX-License-Identifier: GPL-2.0-or-later
/* CRC-32 of ISO 3309, which GPT and LVM begin and end each in its own way. */

#include "crc.h"

/**
 * crc32_go_on() - take more bytes into a CRC
 * @crc: what came of those before
 * @data: the bytes
 * @len: their number
 *
 * Returns the CRC of all, not inverted.
 */
uint32_t crc32_go_on(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--) {
		crc ^= *p++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return crc;
}
