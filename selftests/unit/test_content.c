// SPDX-License-Identifier: GPL-2.0-or-later
/* Contents that cannot use more space, and how content and use decide. */
#include <stdlib.h>

#include <livegrow/content.h>

#include "ktap.h"

#define NONE LIVEGROW_REASON_NONE
#define AWAITED LIVEGROW_REASON_CONTENT_AWAITED
#define HOLDS LIVEGROW_REASON_PART_HOLDS
#define UNKNOWN LIVEGROW_REASON_PART_UNKNOWN
#define CLOSED LIVEGROW_REASON_PART_CLOSED
#define RO LIVEGROW_REASON_MOUNTED_READ_ONLY

static void test_find(void)
{
	static const struct {
		const char *name;
		size_t at;
		const char *bytes;
		enum lg_content content;
	} rows[] = {
		{ "zeros", 0, "", LG_CONTENT_OTHER },
		{ "swap, pages of 4 KiB", 4086, "SWAPSPACE2", LG_CONTENT_SWAP },
		{ "swap, pages of 16 KiB", 16374, "SWAPSPACE2", LG_CONTENT_SWAP },
		{ "swap, pages of 64 KiB", 65526, "SWAPSPACE2", LG_CONTENT_SWAP },
		{ "a hibernation image", 4086, "S1SUSPEND", LG_CONTENT_SWAP },
		{ "swap of the first version", 4086, "SWAP-SPACE", LG_CONTENT_SWAP },
		{ "squashfs", 0, "hsqs", LG_CONTENT_IMAGE },
		{ "EROFS", 1024, "\xe2\xe1\xf5\xe0", LG_CONTENT_IMAGE },
		{ "cramfs", 0, "\x45\x3d\xcd\x28", LG_CONTENT_IMAGE },
		{ "cramfs behind a boot block", 512, "\x45\x3d\xcd\x28", LG_CONTENT_IMAGE },
		{ "romfs", 0, "-rom1fs-", LG_CONTENT_IMAGE },
		{ "ISO 9660", 32769, "CD001", LG_CONTENT_IMAGE },
		{ "LUKS", 0, "LUKS\xba\xbe", LG_CONTENT_LUKS },
		{ "LVM", 512, "LABELONE", LG_CONTENT_LVM },
		{ "LVM, its label in the last sector that may have it", 1536, "LABELONE",
		  LG_CONTENT_LVM },
		{ "LVM's label behind that", 2048, "LABELONE", LG_CONTENT_OTHER },
		{ "ext4", 1080, "\x53\xef", LG_CONTENT_FILESYSTEM },
		{ "XFS", 0, "XFSB", LG_CONTENT_FILESYSTEM },
		{ "btrfs", 65600, "_BHRfS_M", LG_CONTENT_BTRFS },
		{ "NILFS2", 1030, "\x34\x34", LG_CONTENT_BTRFS },
		{ "exFAT", 3, "EXFAT   ", LG_CONTENT_FIXED },
		{ "F2FS", 1024, "\x10\x20\xf5\xf2", LG_CONTENT_FILESYSTEM },
		{ "md 1.1", 0, "\xfc\x4e\x2b\xa9", LG_CONTENT_MD },
		{ "md 1.2", 4096, "\xfc\x4e\x2b\xa9", LG_CONTENT_MD },
		{ "a letter less", 4086, "SWAPSPACE", LG_CONTENT_OTHER },
	};
	u8 *head = malloc(LG_CONTENT_HEAD);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(head, 0, LG_CONTENT_HEAD);
		memcpy(head + rows[i].at, rows[i].bytes, strlen(rows[i].bytes));
		CHECK_EQ(lg_content_find(head, LG_CONTENT_HEAD), rows[i].content);
		CHECK_EQ(lg_content_find(head, rows[i].at + 1), LG_CONTENT_OTHER);
		ktap_result("a content", rows[i].name);
	}
	free(head);
}

static void test_ambiguous(void)
{
	u8 *head = calloc(1, LG_CONTENT_HEAD);

	memcpy(head + 4086, "SWAPSPACE2", 10);
	memcpy(head + 1080, "\x53\xef", 2);
	CHECK_EQ(lg_content_find(head, LG_CONTENT_HEAD), LG_CONTENT_OTHER);
	ktap_result("swap and a filesystem: one of them is left over", NULL);
	free(head);
}

static void test_config(void)
{
	static const struct {
		const char *name;
		size_t at;
		const char *label;
		bool is;
	} rows[] = {
		{ "config-2, FAT16", 43, "config-2   ", true },
		{ "CONFIG-2, FAT32", 71, "CONFIG-2   ", true },
		{ "CIDATA", 43, "CIDATA     ", true },
		{ "cidata", 71, "cidata     ", true },
		{ "a longer label", 43, "cidata2    ", false },
		{ "no label", 43, "NO NAME    ", false },
		{ "at another place", 44, "CIDATA     ", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		u8 sector[512] = { [510] = 0x55, [511] = 0xaa };

		memcpy(sector + rows[i].at, rows[i].label, strlen(rows[i].label));
		CHECK_EQ(lg_content_find(sector, 512),
			 rows[i].is ? LG_CONTENT_CONFIG : LG_CONTENT_OTHER);
		sector[511] = 0;
		CHECK_EQ(lg_content_find(sector, 512), LG_CONTENT_OTHER);
		ktap_result("a configuration drive", rows[i].name);
	}
}

static void test_features(void)
{
	u8 *head = calloc(1, LG_CONTENT_HEAD);

	memcpy(head + 1080, "\x53\xef", 2);
	head[1120] = 0xff & ~0x08;
	CHECK_EQ(lg_content_find(head, LG_CONTENT_HEAD), LG_CONTENT_FILESYSTEM);
	head[1120] = 0x08;
	CHECK_EQ(lg_content_find(head, LG_CONTENT_HEAD), LG_CONTENT_JOURNAL);
	CHECK_EQ(lg_content_find(head, LG_CONTENT_MOUNTED), LG_CONTENT_JOURNAL);
	ktap_result("the external journal of an ext4 is no ext4", NULL);
	memset(head, 0, LG_CONTENT_HEAD);
	memcpy(head + 1024, "H+\0\4", 4);
	CHECK_EQ(lg_content_find(head, LG_CONTENT_MOUNTED), LG_CONTENT_FIXED);
	memcpy(head + 1024, "HX\0\5", 4);
	CHECK_EQ(lg_content_find(head, LG_CONTENT_MOUNTED), LG_CONTENT_FIXED);
	head[1027] = 4;
	CHECK_EQ(lg_content_find(head, LG_CONTENT_MOUNTED), LG_CONTENT_OTHER);
	ktap_result("A2: HFS+ and HFSX", NULL);
	memcpy(head + 3, "EXFAT   ", 8);
	memcpy(head + 1080, "\x53\xef", 2);
	CHECK_EQ(lg_content_find(head, LG_CONTENT_MOUNTED), LG_CONTENT_FILESYSTEM);
	ktap_result("ext4 behind the boot sector of an earlier exFAT", NULL);
	free(head);
}

static void test_forbids(void)
{
	/* clang-format off */
#define UNSEEN LG_MOUNT_UNSEEN
#define WRITABLE LG_MOUNT_WRITABLE
#define READ_ONLY LG_MOUNT_READ_ONLY
#define IDLE false
#define HELD true
#define SHOWN true
#define HOLDING(c, m, held, shown, a) { LG_CONTENT_##c, m, held, shown, a }
	static const struct {
		const char *name;
		struct lg_holding holding;
		enum livegrow_reason unasked, known, asked;
	} rows[] = {
		{ "nothing known, not held", HOLDING(OTHER, UNSEEN, IDLE, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "nothing known, not held, too late", HOLDING(OTHER, UNSEEN, IDLE, false, NONE), AWAITED, NONE, NONE },
		{ "nothing known, held", HOLDING(OTHER, UNSEEN, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "nothing known, held, too late", HOLDING(OTHER, UNSEEN, HELD, false, NONE), AWAITED, NONE, NONE },
		{ "ext4, held, no mount is shown", HOLDING(FILESYSTEM, UNSEEN, HELD, false, AWAITED), AWAITED, NONE, NONE },
		{ "ext4, held, no mount is shown, too late", HOLDING(FILESYSTEM, UNSEEN, HELD, false, NONE), NONE, NONE, NONE },
		{ "ext4, held, its mount would be shown, too late",
		  HOLDING(FILESYSTEM, UNSEEN, HELD, SHOWN, NONE), AWAITED, NONE, NONE },
		{ "ext4, not held, too late", HOLDING(FILESYSTEM, UNSEEN, IDLE, false, NONE), AWAITED, NONE, NONE },
		{ "btrfs, held", HOLDING(BTRFS, UNSEEN, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "btrfs, held, too late", HOLDING(BTRFS, UNSEEN, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "btrfs, not held, too late", HOLDING(BTRFS, UNSEEN, IDLE, SHOWN, NONE), AWAITED, NONE, NONE },
		{ "md, running", HOLDING(MD, UNSEEN, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "md, running, too late", HOLDING(MD, UNSEEN, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "md, not running, too late", HOLDING(MD, UNSEEN, IDLE, SHOWN, NONE), AWAITED, NONE, NONE },
		{ "growctl says no", HOLDING(OTHER, UNSEEN, HELD, SHOWN, UNKNOWN), UNKNOWN, NONE, NONE },
		{ "growctl saw a read-only mount", HOLDING(OTHER, UNSEEN, HELD, SHOWN, RO), RO, NONE, NONE },
		{ "growctl said no, and then ext4 was mounted", HOLDING(FILESYSTEM, WRITABLE, HELD, SHOWN, UNKNOWN), NONE, NONE, NONE },
		{ "growctl says no to what is mounted", HOLDING(OTHER, WRITABLE, HELD, SHOWN, UNKNOWN), UNKNOWN, NONE, NONE },
		{ "ext4, mounted writable", HOLDING(FILESYSTEM, WRITABLE, HELD, SHOWN, AWAITED), NONE, NONE, NONE },
		{ "nothing known, mounted writable", HOLDING(OTHER, WRITABLE, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "nothing known, mounted writable, too late", HOLDING(OTHER, WRITABLE, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "a read-only mount", HOLDING(OTHER, READ_ONLY, HELD, SHOWN, AWAITED), RO, RO, NONE },
		{ "swap", HOLDING(SWAP, UNSEEN, HELD, SHOWN, AWAITED), HOLDS, HOLDS, HOLDS },
		{ "a writable mount over what swap left", HOLDING(SWAP, WRITABLE, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "an image that is mounted", HOLDING(IMAGE, READ_ONLY, HELD, SHOWN, AWAITED), HOLDS, HOLDS, HOLDS },
		{ "a configuration drive that is mounted writable", HOLDING(CONFIG, WRITABLE, HELD, SHOWN, AWAITED), HOLDS, HOLDS, HOLDS },
		{ "A2: HFS+ that is mounted writable", HOLDING(FIXED, WRITABLE, HELD, SHOWN, NONE), HOLDS, HOLDS, HOLDS },
		{ "an external journal", HOLDING(JOURNAL, UNSEEN, HELD, SHOWN, NONE), HOLDS, HOLDS, HOLDS },
		{ "closed LUKS", HOLDING(LUKS, UNSEEN, IDLE, SHOWN, AWAITED), CLOSED, CLOSED, NONE },
		{ "open LUKS", HOLDING(LUKS, UNSEEN, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "open LUKS, too late", HOLDING(LUKS, UNSEEN, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "LVM, active", HOLDING(LVM, UNSEEN, HELD, SHOWN, AWAITED), AWAITED, NONE, NONE },
		{ "LVM, active, too late", HOLDING(LVM, UNSEEN, HELD, SHOWN, NONE), NONE, NONE, NONE },
		{ "LVM, not active, too late", HOLDING(LVM, UNSEEN, IDLE, SHOWN, NONE), AWAITED, NONE, NONE },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_EQ(lg_content_forbids(&rows[i].holding, 0), rows[i].unasked);
		CHECK_EQ(lg_content_forbids(&rows[i].holding, LIVEGROW_FLAG_UNUSED),
			 rows[i].unasked);
		CHECK_EQ(lg_content_forbids(&rows[i].holding, LIVEGROW_FLAG_CONTENT),
			 rows[i].known);
		CHECK_EQ(lg_content_forbids(&rows[i].holding, LIVEGROW_FLAG_ASKED), rows[i].asked);
		ktap_result("content and use", rows[i].name);
	}
	CHECK(!strcmp(lg_content_words(LG_CONTENT_SWAP), "swap"));
	ktap_result("a content has words", NULL);
}

int main(void)
{
	test_find();
	test_ambiguous();
	test_config();
	test_features();
	test_forbids();
	return ktap_end();
}
