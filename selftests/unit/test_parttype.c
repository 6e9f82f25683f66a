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
	{ "6523f8ae-3eb1-4e2a-a05a-18b695ae656f", LG_TYPE_GROWS, "Linux root (Alpha) grows" },
	{ "d27f46ed-2919-4cb8-bd25-9531f3c16534", LG_TYPE_GROWS, "Linux root (ARC) grows" },
	{ "69dad710-2ce4-4e3c-b16c-21a1d49abed3", LG_TYPE_GROWS, "Linux root (ARM) grows" },
	{ "b921b045-1df0-41c3-af44-4c6f280d3fae", LG_TYPE_GROWS, "Linux root (ARM-64) grows" },
	{ "993d8d3d-f80e-4225-855a-9daf8ed7ea97", LG_TYPE_GROWS, "Linux root (IA-64) grows" },
	{ "77055800-792c-4f94-b39a-98c91b762bb6", LG_TYPE_GROWS, "Linux root (LoongArch-64) grows" },
	{ "e9434544-6e2c-47cc-bae2-12d6deafb44c", LG_TYPE_GROWS, "Linux root (MIPS-32) grows" },
	{ "d113af76-80ef-41b4-bdb6-0cff4d3d4a25", LG_TYPE_GROWS, "Linux root (MIPS-64) grows" },
	{ "37c58c8a-d913-4156-a25f-48b1b64e07f0", LG_TYPE_GROWS, "Linux root (MIPS-32 LE) grows" },
	{ "700bda43-7a34-4507-b179-eeb93d7a7ca3", LG_TYPE_GROWS, "Linux root (MIPS-64 LE) grows" },
	{ "1aacdb3b-5444-4138-bd9e-e5c2239b2346", LG_TYPE_GROWS, "Linux root (HPPA/PARISC) grows" },
	{ "1de3f1ef-fa98-47b5-8dcd-4a860a654d78", LG_TYPE_GROWS, "Linux root (PPC) grows" },
	{ "912ade1d-a839-4913-8964-a10eee08fbd2", LG_TYPE_GROWS, "Linux root (PPC64) grows" },
	{ "c31c45e6-3f39-412e-80fb-4809c4980599", LG_TYPE_GROWS, "Linux root (PPC64 LE) grows" },
	{ "60d5a7fe-8e7d-435c-b714-3dd8162144e1", LG_TYPE_GROWS, "Linux root (RISC-V-32) grows" },
	{ "72ec70a6-cf74-40e6-bd49-4bda08e8f224", LG_TYPE_GROWS, "Linux root (RISC-V-64) grows" },
	{ "08a7acea-624c-4a20-91e8-6e0fa67d23f9", LG_TYPE_GROWS, "Linux root (S390) grows" },
	{ "5eead9a9-fe09-4a1e-a1d7-520d00531306", LG_TYPE_GROWS, "Linux root (S390X) grows" },
	{ "c50cdd70-3862-4cc3-90e1-809a8c93ee2c", LG_TYPE_GROWS, "Linux root (TILE-Gx) grows" },
	{ "44479540-f297-41b2-9af7-d131d5f0458a", LG_TYPE_GROWS, "Linux root (x86) grows" },
	{ "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", LG_TYPE_GROWS, "Linux root (x86-64) grows" },
	{ "e18cf08c-33ec-4c0d-8246-c6c6fb3da024", LG_TYPE_GROWS, "Linux usr (Alpha) grows" },
	{ "7978a683-6316-4922-bbee-38bff5a2fecc", LG_TYPE_GROWS, "Linux usr (ARC) grows" },
	{ "7d0359a3-02b3-4f0a-865c-654403e70625", LG_TYPE_GROWS, "Linux usr (ARM) grows" },
	{ "b0e01050-ee5f-4390-949a-9101b17104e9", LG_TYPE_GROWS, "Linux usr (ARM-64) grows" },
	{ "4301d2a6-4e3b-4b2a-bb94-9e0b2c4225ea", LG_TYPE_GROWS, "Linux usr (IA-64) grows" },
	{ "e611c702-575c-4cbe-9a46-434fa0bf7e3f", LG_TYPE_GROWS, "Linux usr (LoongArch-64) grows" },
	{ "773b2abc-2a99-4398-8bf5-03baac40d02b", LG_TYPE_GROWS, "Linux usr (MIPS-32) grows" },
	{ "57e13958-7331-4365-8e6e-35eeee17c61b", LG_TYPE_GROWS, "Linux usr (MIPS-64) grows" },
	{ "0f4868e9-9952-4706-979f-3ed3a473e947", LG_TYPE_GROWS, "Linux usr (MIPS-32 LE) grows" },
	{ "c97c1f32-ba06-40b4-9f22-236061b08aa8", LG_TYPE_GROWS, "Linux usr (MIPS-64 LE) grows" },
	{ "dc4a4480-6917-4262-a4ec-db9384949f25", LG_TYPE_GROWS, "Linux usr (HPPA/PARISC) grows" },
	{ "7d14fec5-cc71-415d-9d6c-06bf0b3c3eaf", LG_TYPE_GROWS, "Linux usr (PPC) grows" },
	{ "2c9739e2-f068-46b3-9fd0-01c5a9afbcca", LG_TYPE_GROWS, "Linux usr (PPC64) grows" },
	{ "15bb03af-77e7-4d4a-b12b-c0d084f7491c", LG_TYPE_GROWS, "Linux usr (PPC64 LE) grows" },
	{ "b933fb22-5c3f-4f91-af90-e2bb0fa50702", LG_TYPE_GROWS, "Linux usr (RISC-V-32) grows" },
	{ "beaec34b-8442-439b-a40b-984381ed097d", LG_TYPE_GROWS, "Linux usr (RISC-V-64) grows" },
	{ "cd0f869b-d0fb-4ca0-b141-9ea87cc78d66", LG_TYPE_GROWS, "Linux usr (S390) grows" },
	{ "8a4f5770-50aa-4ed3-874a-99b710db6fea", LG_TYPE_GROWS, "Linux usr (S390X) grows" },
	{ "55497029-c7c1-44cc-aa39-815ed1558630", LG_TYPE_GROWS, "Linux usr (TILE-Gx) grows" },
	{ "75250d76-8cc6-458e-bd66-bd47cc81a812", LG_TYPE_GROWS, "Linux usr (x86) grows" },
	{ "8484680c-9521-48c6-9c11-b0720656f69e", LG_TYPE_GROWS, "Linux usr (x86-64) grows" },
	{ "933ac7e1-2eb4-4f13-b844-0e14e2aef915", LG_TYPE_GROWS, "Linux home grows" },
	{ "3b8f8425-20e0-4f3b-907f-1a25a76f98e8", LG_TYPE_GROWS, "Linux srv grows" },
	{ "4d21b016-b534-45c2-a9fb-5c16e091fd2d", LG_TYPE_GROWS, "Linux var grows" },
	{ "7ec6f557-3bc5-4aca-b293-16ef5df639d1", LG_TYPE_GROWS, "Linux tmp grows" },
	{ "773f91ef-66d4-49b5-bd83-d683bf40ad16", LG_TYPE_GROWS, "Linux user's home grows" },
	{ "3884dd41-8582-4404-b9a8-e9b84f2df50e", LG_TYPE_GROWS, "CoreOS resizable root grows" },
	{ "fc56d9e9-e6e5-4c06-be32-e74407ce09a5", LG_TYPE_NEVER, "root Alpha verity does not" },
	{ "24b2d975-0f97-4521-afa1-cd531e421b8d", LG_TYPE_NEVER, "root ARC verity does not" },
	{ "7386cdf2-203c-47a9-a498-f2ecce45a2d6", LG_TYPE_NEVER, "root ARM verity does not" },
	{ "df3300ce-d69f-4c92-978c-9bfb0f38d820", LG_TYPE_NEVER, "root ARM-64 verity does not" },
	{ "86ed10d5-b607-45bb-8957-d350f23d0571", LG_TYPE_NEVER, "root IA-64 verity does not" },
	{ "f3393b22-e9af-4613-a948-9d3bfbd0c535", LG_TYPE_NEVER, "root LoongArch-64 verity does not" },
	{ "7a430799-f711-4c7e-8e5b-1d685bd48607", LG_TYPE_NEVER, "root MIPS-32 verity does not" },
	{ "579536f8-6a33-4055-a95a-df2d5e2c42a8", LG_TYPE_NEVER, "root MIPS-64 verity does not" },
	{ "d7d150d2-2a04-4a33-8f12-16651205ff7b", LG_TYPE_NEVER, "root MIPS-32 LE verity does not" },
	{ "16b417f8-3e06-4f57-8dd2-9b5232f41aa6", LG_TYPE_NEVER, "root MIPS-64 LE verity does not" },
	{ "d212a430-fbc5-49f9-a983-a7feef2b8d0e", LG_TYPE_NEVER, "root HPPA/PARISC verity does not" },
	{ "98cfe649-1588-46dc-b2f0-add147424925", LG_TYPE_NEVER, "root PPC verity does not" },
	{ "9225a9a3-3c19-4d89-b4f6-eeff88f17631", LG_TYPE_NEVER, "root PPC64 verity does not" },
	{ "906bd944-4589-4aae-a4e4-dd983917446a", LG_TYPE_NEVER, "root PPC64 LE verity does not" },
	{ "ae0253be-1167-4007-ac68-43926c14c5de", LG_TYPE_NEVER, "root RISC-V-32 verity does not" },
	{ "b6ed5582-440b-4209-b8da-5ff7c419ea3d", LG_TYPE_NEVER, "root RISC-V-64 verity does not" },
	{ "7ac63b47-b25c-463b-8df8-b4a94e6c90e1", LG_TYPE_NEVER, "root S390 verity does not" },
	{ "b325bfbe-c7be-4ab8-8357-139e652d2f6b", LG_TYPE_NEVER, "root S390X verity does not" },
	{ "966061ec-28e4-4b2e-b4a5-1f0a825a1d84", LG_TYPE_NEVER, "root TILE-Gx verity does not" },
	{ "d13c5d3b-b5d1-422a-b29f-9454fdc89d76", LG_TYPE_NEVER, "root x86 verity does not" },
	{ "2c7357ed-ebd2-46d9-aec1-23d437ec2bf5", LG_TYPE_NEVER, "root x86-64 verity does not" },
	{ "8cce0d25-c0d0-4a44-bd87-46331bf1df67", LG_TYPE_NEVER, "usr Alpha verity does not" },
	{ "fca0598c-d880-4591-8c16-4eda05c7347c", LG_TYPE_NEVER, "usr ARC verity does not" },
	{ "c215d751-7bcd-4649-be90-6627490a4c05", LG_TYPE_NEVER, "usr ARM verity does not" },
	{ "6e11a4e7-fbca-4ded-b9e9-e1a512bb664e", LG_TYPE_NEVER, "usr ARM-64 verity does not" },
	{ "6a491e03-3be7-4545-8e38-83320e0ea880", LG_TYPE_NEVER, "usr IA-64 verity does not" },
	{ "f46b2c26-59ae-48f0-9106-c50ed47f673d", LG_TYPE_NEVER, "usr LoongArch-64 verity does not" },
	{ "6e5a1bc8-d223-49b7-bca8-37a5fcceb996", LG_TYPE_NEVER, "usr MIPS-32 verity does not" },
	{ "81cf9d90-7458-4df4-8dcf-c8a3a404f09b", LG_TYPE_NEVER, "usr MIPS-64 verity does not" },
	{ "46b98d8d-b55c-4e8f-aab3-37fca7f80752", LG_TYPE_NEVER, "usr MIPS-32 LE verity does not" },
	{ "3c3d61fe-b5f3-414d-bb71-8739a694a4ef", LG_TYPE_NEVER, "usr MIPS-64 LE verity does not" },
	{ "5843d618-ec37-48d7-9f12-cea8e08768b2", LG_TYPE_NEVER, "usr HPPA/PARISC verity does not" },
	{ "df765d00-270e-49e5-bc75-f47bb2118b09", LG_TYPE_NEVER, "usr PPC verity does not" },
	{ "bdb528a5-a259-475f-a87d-da53fa736a07", LG_TYPE_NEVER, "usr PPC64 verity does not" },
	{ "ee2b9983-21e8-4153-86d9-b6901a54d1ce", LG_TYPE_NEVER, "usr PPC64 LE verity does not" },
	{ "cb1ee4e3-8cd0-4136-a0a4-aa61a32e8730", LG_TYPE_NEVER, "usr RISC-V-32 verity does not" },
	{ "8f1056be-9b05-47c4-81d6-be53128e5b54", LG_TYPE_NEVER, "usr RISC-V-64 verity does not" },
	{ "b663c618-e7bc-4d6d-90aa-11b756bb1797", LG_TYPE_NEVER, "usr S390 verity does not" },
	{ "31741cc4-1a2a-4111-a581-e00b447d2d06", LG_TYPE_NEVER, "usr S390X verity does not" },
	{ "2fb4bf56-07fa-42da-8132-6b139f2026ae", LG_TYPE_NEVER, "usr TILE-Gx verity does not" },
	{ "8f461b0d-14ee-4e81-9aa9-049b6fb97abd", LG_TYPE_NEVER, "usr x86 verity does not" },
	{ "77ff5f63-e7b6-4633-acf4-1565b864c0e6", LG_TYPE_NEVER, "usr x86-64 verity does not" },
	{ "d46495b7-a053-414f-80f7-700c99921ef8", LG_TYPE_NEVER, "root Alpha verity sig does not" },
	{ "143a70ba-cbd3-4f06-919f-6c05683a78bc", LG_TYPE_NEVER, "root ARC verity sig does not" },
	{ "42b0455f-eb11-491d-98d3-56145ba9d037", LG_TYPE_NEVER, "root ARM verity sig does not" },
	{ "6db69de6-29f4-4758-a7a5-962190f00ce3", LG_TYPE_NEVER, "root ARM-64 verity sig does not" },
	{ "e98b36ee-32ba-4882-9b12-0ce14655f46a", LG_TYPE_NEVER, "root IA-64 verity sig does not" },
	{ "5afb67eb-ecc8-4f85-ae8e-ac1e7c50e7d0", LG_TYPE_NEVER, "root LoongArch-64 verity sig does not" },
	{ "bba210a2-9c5d-45ee-9e87-ff2ccbd002d0", LG_TYPE_NEVER, "root MIPS-32 verity sig does not" },
	{ "43ce94d4-0f3d-4999-8250-b9deafd98e6e", LG_TYPE_NEVER, "root MIPS-64 verity sig does not" },
	{ "c919cc1f-4456-4eff-918c-f75e94525ca5", LG_TYPE_NEVER, "root MIPS-32 LE verity sig does not" },
	{ "904e58ef-5c65-4a31-9c57-6af5fc7c5de7", LG_TYPE_NEVER, "root MIPS-64 LE verity sig does not" },
	{ "15de6170-65d3-431c-916e-b0dcd8393f25", LG_TYPE_NEVER, "root HPPA/PARISC verity sig does not" },
	{ "1b31b5aa-add9-463a-b2ed-bd467fc857e7", LG_TYPE_NEVER, "root PPC verity sig does not" },
	{ "f5e2c20c-45b2-4ffa-bce9-2a60737e1aaf", LG_TYPE_NEVER, "root PPC64 verity sig does not" },
	{ "d4a236e7-e873-4c07-bf1d-bf6cf7f1c3c6", LG_TYPE_NEVER, "root PPC64 LE verity sig does not" },
	{ "3a112a75-8729-4380-b4cf-764d79934448", LG_TYPE_NEVER, "root RISC-V-32 verity sig does not" },
	{ "efe0f087-ea8d-4469-821a-4c2a96a8386a", LG_TYPE_NEVER, "root RISC-V-64 verity sig does not" },
	{ "3482388e-4254-435a-a241-766a065f9960", LG_TYPE_NEVER, "root S390 verity sig does not" },
	{ "c80187a5-73a3-491a-901a-017c3fa953e9", LG_TYPE_NEVER, "root S390X verity sig does not" },
	{ "b3671439-97b0-4a53-90f7-2d5a8f3ad47b", LG_TYPE_NEVER, "root TILE-Gx verity sig does not" },
	{ "5996fc05-109c-48de-808b-23fa0830b676", LG_TYPE_NEVER, "root x86 verity sig does not" },
	{ "41092b05-9fc8-4523-994f-2def0408b176", LG_TYPE_NEVER, "root x86-64 verity sig does not" },
	{ "5c6e1c76-076a-457a-a0fe-f3b4cd21ce6e", LG_TYPE_NEVER, "usr Alpha verity sig does not" },
	{ "94f9a9a1-9971-427a-a400-50cb297f0f35", LG_TYPE_NEVER, "usr ARC verity sig does not" },
	{ "d7ff812f-37d1-4902-a810-d76ba57b975a", LG_TYPE_NEVER, "usr ARM verity sig does not" },
	{ "c23ce4ff-44bd-4b00-b2d4-b41b3419e02a", LG_TYPE_NEVER, "usr ARM-64 verity sig does not" },
	{ "8de58bc2-2a43-460d-b14e-a76e4a17b47f", LG_TYPE_NEVER, "usr IA-64 verity sig does not" },
	{ "b024f315-d330-444c-8461-44bbde524e99", LG_TYPE_NEVER, "usr LoongArch-64 verity sig does not" },
	{ "97ae158d-f216-497b-8057-f7f905770f54", LG_TYPE_NEVER, "usr MIPS-32 verity sig does not" },
	{ "05816ce2-dd40-4ac6-a61d-37d32dc1ba7d", LG_TYPE_NEVER, "usr MIPS-64 verity sig does not" },
	{ "3e23ca0b-a4bc-4b4e-8087-5ab6a26aa8a9", LG_TYPE_NEVER, "usr MIPS-32 LE verity sig does not" },
	{ "f2c2c7ee-adcc-4351-b5c6-ee9816b66e16", LG_TYPE_NEVER, "usr MIPS-64 LE verity sig does not" },
	{ "450dd7d1-3224-45ec-9cf2-a43a346d71ee", LG_TYPE_NEVER, "usr HPPA/PARISC verity sig does not" },
	{ "7007891d-d371-4a80-86a4-5cb875b9302e", LG_TYPE_NEVER, "usr PPC verity sig does not" },
	{ "0b888863-d7f8-4d9e-9766-239fce4d58af", LG_TYPE_NEVER, "usr PPC64 verity sig does not" },
	{ "c8bfbd1e-268e-4521-8bba-bf314c399557", LG_TYPE_NEVER, "usr PPC64 LE verity sig does not" },
	{ "c3836a13-3137-45ba-b583-b16c50fe5eb4", LG_TYPE_NEVER, "usr RISC-V-32 verity sig does not" },
	{ "d2f9000a-7a18-453f-b5cd-4d32f77a7b32", LG_TYPE_NEVER, "usr RISC-V-64 verity sig does not" },
	{ "17440e4f-a8d0-467f-a46e-3912ae6ef2c5", LG_TYPE_NEVER, "usr S390 verity sig does not" },
	{ "3f324816-667b-46ae-86ee-9b0c0c6c11b4", LG_TYPE_NEVER, "usr S390X verity sig does not" },
	{ "4ede75e2-6ccc-4cc8-b9c7-70334b087510", LG_TYPE_NEVER, "usr TILE-Gx verity sig does not" },
	{ "974a71c0-de41-43c3-be5d-5c5ccd1ad2c0", LG_TYPE_NEVER, "usr x86 verity sig does not" },
	{ "e7bb33fb-06cf-4e81-8273-e543b413e2e2", LG_TYPE_NEVER, "usr x86-64 verity sig does not" },
	{ "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6", LG_TYPE_NEVER, "a CoreOS usr slot does not" },
	{ "c95dc21a-df0e-4340-8d7b-26cbfa9a03e0", LG_TYPE_NEVER, "CoreOS reserved does not" },
	{ "be9067b9-ea49-4f15-b4f6-f36f8c9e1818", LG_TYPE_NEVER, "CoreOS root on RAID does not" },
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
