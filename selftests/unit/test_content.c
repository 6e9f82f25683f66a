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
		{ "btrfs", 65600, "_BHRfS_M", LG_CONTENT_FILESYSTEM },
		{ "NILFS2", 1030, "\x34\x34", LG_CONTENT_FILESYSTEM },
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

static void test_forbids(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		struct lg_holding holding;
		enum livegrow_reason unasked, known, asked;
	} rows[] = {
		{ "nothing known, not held", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, false, AWAITED },
		  AWAITED, NONE, NONE },
		{ "nothing known, not held, too late", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, false, NONE },
		  AWAITED, NONE, NONE },
		{ "nothing known, held", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, true, AWAITED },
		  AWAITED, NONE, NONE },
		{ "nothing known, held, too late", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, true, NONE },
		  AWAITED, NONE, NONE },
		{ "a filesystem, held", { LG_CONTENT_FILESYSTEM, LG_MOUNT_UNSEEN, true, AWAITED },
		  AWAITED, NONE, NONE },
		{ "a filesystem, held, too late", { LG_CONTENT_FILESYSTEM, LG_MOUNT_UNSEEN, true, NONE },
		  NONE, NONE, NONE },
		{ "a filesystem, not held, too late",
		  { LG_CONTENT_FILESYSTEM, LG_MOUNT_UNSEEN, false, NONE }, AWAITED, NONE, NONE },
		{ "md, running", { LG_CONTENT_MD, LG_MOUNT_UNSEEN, true, AWAITED }, NONE, NONE, NONE },
		{ "md, not running", { LG_CONTENT_MD, LG_MOUNT_UNSEEN, false, NONE },
		  AWAITED, NONE, NONE },
		{ "growctl says no", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, true, UNKNOWN },
		  UNKNOWN, NONE, NONE },
		{ "growctl saw a read-only mount", { LG_CONTENT_OTHER, LG_MOUNT_UNSEEN, true, RO },
		  RO, NONE, NONE },
		{ "growctl said no, and then it was mounted",
		  { LG_CONTENT_OTHER, LG_MOUNT_WRITABLE, true, UNKNOWN }, NONE, NONE, NONE },
		{ "a writable mount", { LG_CONTENT_OTHER, LG_MOUNT_WRITABLE, true, AWAITED },
		  NONE, NONE, NONE },
		{ "a read-only mount", { LG_CONTENT_OTHER, LG_MOUNT_READ_ONLY, true, AWAITED },
		  RO, RO, NONE },
		{ "swap", { LG_CONTENT_SWAP, LG_MOUNT_UNSEEN, true, AWAITED }, HOLDS, HOLDS, HOLDS },
		{ "a writable mount over what swap left",
		  { LG_CONTENT_SWAP, LG_MOUNT_WRITABLE, true, AWAITED }, NONE, NONE, NONE },
		{ "an image that is mounted", { LG_CONTENT_IMAGE, LG_MOUNT_READ_ONLY, true, AWAITED },
		  HOLDS, HOLDS, HOLDS },
		{ "a configuration drive that is mounted writable",
		  { LG_CONTENT_CONFIG, LG_MOUNT_WRITABLE, true, AWAITED }, HOLDS, HOLDS, HOLDS },
		{ "closed LUKS", { LG_CONTENT_LUKS, LG_MOUNT_UNSEEN, false, AWAITED },
		  CLOSED, CLOSED, NONE },
		{ "open LUKS", { LG_CONTENT_LUKS, LG_MOUNT_UNSEEN, true, AWAITED }, NONE, NONE, NONE },
		{ "growctl saw LUKS closed, and then it was opened",
		  { LG_CONTENT_LUKS, LG_MOUNT_UNSEEN, true, CLOSED }, NONE, NONE, NONE },
		{ "LVM, active", { LG_CONTENT_LVM, LG_MOUNT_UNSEEN, true, AWAITED }, NONE, NONE, NONE },
		{ "LVM, not active", { LG_CONTENT_LVM, LG_MOUNT_UNSEEN, false, AWAITED },
		  NONE, NONE, NONE },
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
	test_forbids();
	return ktap_end();
}
