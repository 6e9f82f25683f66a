/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core needs from its surroundings, in the kernel and in userspace:
 * fixed-size integers, little-endian access, memcpy and friends, one CRC.
 */
#ifndef LIVEGROW_PLATFORM_H
#define LIVEGROW_PLATFORM_H

#include <linux/types.h>

#ifdef __KERNEL__

#include <asm/byteorder.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/crc32.h>
#include <linux/kernel.h>
#include <linux/string.h>

/**
 * lg_crc32() - the CRC of GPT headers and entry arrays (UEFI 2.10, 5.3.2)
 * @crc: 0, or the CRC of the bytes in front of @data
 * @data: bytes to add
 * @len: number of them
 */
static inline u32 lg_crc32(u32 crc, const void *data, size_t len)
{
	return ~crc32_le(~crc, data, len);
}

#else

#include <assert.h>
#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif
#define BIT_ULL(n) (1ULL << (n))

#ifndef __packed
#define __packed __attribute__((packed))
#endif

#define be32_to_cpu(x) be32toh(x)
#define le32_to_cpu(x) le32toh(x)
#define le64_to_cpu(x) le64toh(x)
#define cpu_to_le32(x) htole32(x)
#define cpu_to_le64(x) htole64(x)

static inline u32 lg_crc32(u32 crc, const void *data, size_t len)
{
	return (u32)crc32(crc, data, len);
}

#endif

/* sparse before 0.6.4 does not know __packed, and counts padding that there is not. */
#ifdef __CHECKER__
#define lg_assert_size(type, size) static_assert(sizeof(type) >= (size), #type)
#else
#define lg_assert_size(type, size) static_assert(sizeof(type) == (size), #type)
#endif

#endif /* LIVEGROW_PLATFORM_H */
