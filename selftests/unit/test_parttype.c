// SPDX-License-Identifier: GPL-2.0-or-later
/* What is known of partition types, by their GUIDs as people write them. */
#include <livegrow/policy.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static const struct {
	const char *guid;
	enum lg_type_class class;
	const char *what;
	/* clang-format off */
} rows[] = {
	{ TYPE_LINUX, LG_TYPE_GROWS, "Linux filesystem grows" },
	{ "44479540-f297-41b2-9af7-d131d5f0458a", LG_TYPE_GROWS, "root x86 grows" },
	{ "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", LG_TYPE_GROWS, "root x86-64 grows" },
	{ "69dad710-2ce4-4e3c-b16c-21a1d49abed3", LG_TYPE_GROWS, "root ARM grows" },
	{ "b921b045-1df0-41c3-af44-4c6f280d3fae", LG_TYPE_GROWS, "root ARM-64 grows" },
	{ "72ec70a6-cf74-40e6-bd49-4bda08e8f224", LG_TYPE_GROWS, "root RISC-V grows" },
	{ "8484680c-9521-48c6-9c11-b0720656f69e", LG_TYPE_GROWS, "usr x86-64 grows" },
	{ "b0e01050-ee5f-4390-949a-9101b17104e9", LG_TYPE_GROWS, "usr ARM-64 grows" },
	{ "933ac7e1-2eb4-4f13-b844-0e14e2aef915", LG_TYPE_GROWS, "home grows" },
	{ "3b8f8425-20e0-4f3b-907f-1a25a76f98e8", LG_TYPE_GROWS, "srv grows" },
	{ "4d21b016-b534-45c2-a9fb-5c16e091fd2d", LG_TYPE_GROWS, "var grows" },
	{ "7ec6f557-3bc5-4aca-b293-16ef5df639d1", LG_TYPE_GROWS, "tmp grows" },
	{ "e6d6d379-f507-44c2-a23c-238f2a3df928", LG_TYPE_GROWS, "LVM grows" },
	{ "ca7d7ccb-63ed-4c53-861c-1742536059cc", LG_TYPE_GROWS, "LUKS grows" },
	{ TYPE_SWAP, LG_TYPE_NEVER, "swap does not" },
	{ "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", LG_TYPE_NEVER, "the ESP does not" },
	{ "bc13c2ff-59e6-4262-a352-b275fd6f7172", LG_TYPE_NEVER, "XBOOTLDR does not" },
	{ TYPE_BIOS, LG_TYPE_NEVER, "BIOS boot does not" },
	{ "a19d880f-05fc-4d3b-a006-743f0f84911e", LG_TYPE_NEVER, "Linux RAID does not" },
	{ "8da63339-0007-60c0-c436-083ac8230908", LG_TYPE_NEVER, "reserved does not" },
	{ "e3c9e316-0b5c-4db8-817d-f92df00215ae", LG_TYPE_NEVER, "Microsoft's does not" },
	{ "de94bba4-06d1-4d40-a16a-bfd50179d6ac", LG_TYPE_NEVER, "recovery does not" },
	{ TYPE_BASIC, LG_TYPE_CONTENT, "Microsoft basic data is looked into" },
	{ "01234567-89ab-cdef-0123-456789abcdef", LG_TYPE_CONTENT, "an unknown one is, too" },
	{ "0fc63daf-8483-4772-8e79-3d69d8477de5", LG_TYPE_CONTENT,
	  "one that differs from a known one in its last bit is, too" },
};
/* clang-format on */

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct lg_type *type;
		u8 guid[16];

		fixture_guid(rows[i].guid, guid);
		type = lg_type_find(guid);
		CHECK_EQ(type->class, rows[i].class);
		CHECK(type->name && *type->name);
		CHECK(type->class == LG_TYPE_CONTENT || !memcmp(type->guid, guid, 16));
		ktap_result("a partition type", rows[i].what);
	}
}

static void test_byte_order(void)
{
	static const u8 on_disk[16] = {
		0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47,
		0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4,
	};

	CHECK_EQ(lg_type_find(on_disk)->class, LG_TYPE_GROWS);
	CHECK(!strcmp(lg_type_find(on_disk)->name, "Linux filesystem"));
	ktap_result("a type is found by the bytes of a real disk", NULL);
}

int main(void)
{
	test_rows();
	test_byte_order();
	return ktap_end();
}
