// SPDX-License-Identifier: GPL-2.0-or-later
/* CRC-32 of ISO 3309, by tables that are made at the first call. */
#include "bytes.h"
#include "crc.h"

static uint32_t tables[8][256];

static void make_tables(void)
{
	for (unsigned int byte = 0; byte < 256; byte++) {
		uint32_t crc = byte;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
		tables[0][byte] = crc;
	}
	for (int t = 1; t < 8; t++)
		for (unsigned int byte = 0; byte < 256; byte++)
			tables[t][byte] = tables[t - 1][byte] >> 8 ^
					  tables[0][tables[t - 1][byte] & 0xff];
}

static uint32_t eight(uint32_t crc, const uint8_t *at)
{
	uint32_t low = (uint32_t)get_le(at, 4) ^ crc;

	return tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
	       tables[4][low >> 24] ^ tables[3][at[4]] ^ tables[2][at[5]] ^ tables[1][at[6]] ^
	       tables[0][at[7]];
}

uint32_t quick_crc(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	if (!tables[0][1])
		make_tables();
	for (; len >= 8; len -= 8, data += 8)
		crc = eight(crc, data);
	for (; len; len--, data++)
		crc = tables[0][(crc ^ *data) & 0xff] ^ crc >> 8;
	return ~crc;
}
