// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition types: those that are safe to enlarge unasked, and those that are
 * not to be touched because they keep something at their end, are sized for a
 * purpose, or are somebody else's. From the UEFI specification and the
 * Discoverable Partitions Specification.
 */
#include <livegrow/policy.h>

/* A GUID as it is written, in the mixed byte order that the disk has. */
#define GUID(a, b, c, d, e) {						\
	(a) & 0xff, ((a) >> 8) & 0xff, ((a) >> 16) & 0xff, (a) >> 24,	\
	(b) & 0xff, (b) >> 8, (c) & 0xff, (c) >> 8,			\
	(d) >> 8, (d) & 0xff,						\
	((e) >> 40) & 0xff, ((e) >> 32) & 0xff, ((e) >> 24) & 0xff,	\
	((e) >> 16) & 0xff, ((e) >> 8) & 0xff, (e) & 0xff }

static const struct lg_type types[] = {
	{ GUID(0x0fc63daf, 0x8483, 0x4772, 0x8e79, 0x3d69d8477de4ULL),
	  LG_TYPE_GROWS, "Linux filesystem" },
	{ GUID(0x44479540, 0xf297, 0x41b2, 0x9af7, 0xd131d5f0458aULL),
	  LG_TYPE_GROWS, "Linux root (x86)" },
	{ GUID(0x4f68bce3, 0xe8cd, 0x4db1, 0x96e7, 0xfbcaf984b709ULL),
	  LG_TYPE_GROWS, "Linux root (x86-64)" },
	{ GUID(0x69dad710, 0x2ce4, 0x4e3c, 0xb16c, 0x21a1d49abed3ULL),
	  LG_TYPE_GROWS, "Linux root (ARM)" },
	{ GUID(0xb921b045, 0x1df0, 0x41c3, 0xaf44, 0x4c6f280d3faeULL),
	  LG_TYPE_GROWS, "Linux root (ARM-64)" },
	{ GUID(0x72ec70a6, 0xcf74, 0x40e6, 0xbd49, 0x4bda08e8f224ULL),
	  LG_TYPE_GROWS, "Linux root (RISC-V-64)" },
	{ GUID(0x8484680c, 0x9521, 0x48c6, 0x9c11, 0xb0720656f69eULL),
	  LG_TYPE_GROWS, "Linux usr (x86-64)" },
	{ GUID(0xb0e01050, 0xee5f, 0x4390, 0x949a, 0x9101b17104e9ULL),
	  LG_TYPE_GROWS, "Linux usr (ARM-64)" },
	{ GUID(0x933ac7e1, 0x2eb4, 0x4f13, 0xb844, 0x0e14e2aef915ULL),
	  LG_TYPE_GROWS, "Linux home" },
	{ GUID(0x3b8f8425, 0x20e0, 0x4f3b, 0x907f, 0x1a25a76f98e8ULL),
	  LG_TYPE_GROWS, "Linux srv" },
	{ GUID(0x4d21b016, 0xb534, 0x45c2, 0xa9fb, 0x5c16e091fd2dULL),
	  LG_TYPE_GROWS, "Linux var" },
	{ GUID(0x7ec6f557, 0x3bc5, 0x4aca, 0xb293, 0x16ef5df639d1ULL),
	  LG_TYPE_GROWS, "Linux tmp" },
	{ GUID(0xe6d6d379, 0xf507, 0x44c2, 0xa23c, 0x238f2a3df928ULL),
	  LG_TYPE_GROWS, "Linux LVM" },
	{ GUID(0xca7d7ccb, 0x63ed, 0x4c53, 0x861c, 0x1742536059ccULL),
	  LG_TYPE_GROWS, "LUKS" },
	{ GUID(0x0657fd6d, 0xa4ab, 0x43c4, 0x84e5, 0x0933c84b4f4fULL),
	  LG_TYPE_NEVER, "swap" },
	{ GUID(0xc12a7328, 0xf81f, 0x11d2, 0xba4b, 0x00a0c93ec93bULL),
	  LG_TYPE_NEVER, "an EFI system partition" },
	{ GUID(0xbc13c2ff, 0x59e6, 0x4262, 0xa352, 0xb275fd6f7172ULL),
	  LG_TYPE_NEVER, "an extended boot partition" },
	{ GUID(0x21686148, 0x6449, 0x6e6f, 0x744e, 0x656564454649ULL),
	  LG_TYPE_NEVER, "a BIOS boot partition" },
	{ GUID(0xa19d880f, 0x05fc, 0x4d3b, 0xa006, 0x743f0f84911eULL),
	  LG_TYPE_NEVER, "Linux RAID" },
	{ GUID(0x8da63339, 0x0007, 0x60c0, 0xc436, 0x083ac8230908ULL),
	  LG_TYPE_NEVER, "reserved" },
	{ GUID(0xe3c9e316, 0x0b5c, 0x4db8, 0x817d, 0xf92df00215aeULL),
	  LG_TYPE_NEVER, "Microsoft reserved" },
	{ GUID(0xde94bba4, 0x06d1, 0x4d40, 0xa16a, 0xbfd50179d6acULL),
	  LG_TYPE_NEVER, "Windows recovery" },
};

static const struct lg_type unknown = {
	.class = LG_TYPE_CONTENT, .name = "of a type that does not tell its content",
};

const struct lg_type *lg_type_find(const u8 *guid)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!memcmp(types[i].guid, guid, LG_GPT_GUID_SIZE))
			return &types[i];
	return &unknown;
}
