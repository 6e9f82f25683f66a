/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Little-endian numbers and the CRC, independent of those that the core uses. */
#ifndef UNIT_BYTES_H
#define UNIT_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Where the specification puts a header's fields, UEFI 2.10, 5.3.2. */
/* clang-format off */
enum {
	H_SIGNATURE = 0, H_REVISION = 8, H_SIZE = 12, H_CRC = 16, H_MY_LBA = 24,
	H_ALTERNATE = 32, H_FIRST_USABLE = 40, H_LAST_USABLE = 48, H_GUID = 56,
	H_ARRAY_LBA = 72, H_NR_ENTRIES = 80, H_ENTRY_SIZE = 84, H_ARRAY_CRC = 88,
};
/* clang-format on */

/* And an entry's: 5.3.3. */
enum { E_TYPE = 0, E_GUID = 16, E_FIRST = 32, E_LAST = 40, E_ATTRIBUTES = 48, E_NAME = 56 };

static inline void put_le(uint8_t *at, unsigned int bytes, uint64_t value)
{
	for (unsigned int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t get_le(const uint8_t *at, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << (8 * i);
	return value;
}

/* CRC-32 of ISO 3309, four bits at a time, from what came of the bytes before; not inverted. */
static inline uint32_t own_crc_from(uint32_t crc, const uint8_t *data, size_t len)
{
	/* clang-format off */
	static const uint32_t nibble[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	/* clang-format on */

	for (size_t i = 0; i < len; i++) {
		crc = nibble[(crc ^ data[i]) & 15] ^ (crc >> 4);
		crc = nibble[(crc ^ (data[i] >> 4)) & 15] ^ (crc >> 4);
	}
	return crc;
}

static inline uint32_t own_crc(const uint8_t *data, size_t len)
{
	return ~own_crc_from(0xffffffff, data, len);
}

#endif /* UNIT_BYTES_H */
