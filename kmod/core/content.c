// SPDX-License-Identifier: GPL-2.0-only
/* Contents that cannot use more space, found by their magic numbers. */
#include <livegrow/content.h>

struct magic {
	u32 at;
	const char *bytes;
	u32 len;
	enum lg_content content;
};

/* In a device with ext2, ext3 or ext4. */
#define EXT_MAGIC	1080

#define MAGIC(at, bytes, content) { at, bytes, sizeof(bytes) - 1, content }

static const struct magic magics[] = {
	MAGIC(0, "hsqs", LG_CONTENT_IMAGE),			/* squashfs */
	MAGIC(1024, "\xe2\xe1\xf5\xe0", LG_CONTENT_IMAGE),	/* EROFS */
	MAGIC(0, "\x45\x3d\xcd\x28", LG_CONTENT_IMAGE),		/* cramfs */
	MAGIC(512, "\x45\x3d\xcd\x28", LG_CONTENT_IMAGE),	/* cramfs behind a boot block */
	MAGIC(0, "-rom1fs-", LG_CONTENT_IMAGE),			/* romfs */
	MAGIC(32769, "CD001", LG_CONTENT_IMAGE),		/* ISO 9660 */
	MAGIC(0, "XFSB", LG_CONTENT_FILESYSTEM),
	MAGIC(EXT_MAGIC, "\x53\xef", LG_CONTENT_FILESYSTEM),	/* ext2, ext3, ext4 */
	MAGIC(65600, "_BHRfS_M", LG_CONTENT_BTRFS),
	MAGIC(1030, "\x34\x34", LG_CONTENT_BTRFS),	/* NILFS2 */
	MAGIC(1024, "\x10\x20\xf5\xf2", LG_CONTENT_FILESYSTEM),	/* F2FS */
	MAGIC(0, "LUKS\xba\xbe", LG_CONTENT_LUKS),
	MAGIC(0, "LABELONE", LG_CONTENT_LVM),
	MAGIC(512, "LABELONE", LG_CONTENT_LVM),
	MAGIC(1024, "LABELONE", LG_CONTENT_LVM),
	MAGIC(1536, "LABELONE", LG_CONTENT_LVM),
	MAGIC(0, "\xfc\x4e\x2b\xa9", LG_CONTENT_MD),	/* 1.1 */
	MAGIC(4096, "\xfc\x4e\x2b\xa9", LG_CONTENT_MD),	/* 1.2 */
	/* Linux finds the second header of these by the end of the device. */
	MAGIC(1024, "H+\0\4", LG_CONTENT_FIXED),	/* HFS+ */
	MAGIC(1024, "HX\0\5", LG_CONTENT_FIXED),	/* HFSX */
	MAGIC(3, "EXFAT   ", LG_CONTENT_FIXED),
};

/* In the superblock of ext2, ext3 and ext4, a little-endian field of features. */
#define EXT_INCOMPAT		1120
#define EXT_INCOMPAT_JOURNAL	0x08	/* the device holds a journal alone */

/*
 * A swap area has its signature at the end of its first page, whose size is that of the
 * machine that made it. A hibernation image changes the signature until it is resumed.
 */
static const u32 swap_pages[] = { 4096, 8192, 16384, 65536 };
static const struct magic swap_signatures[] = {
	MAGIC(0, "SWAPSPACE2", LG_CONTENT_SWAP),
	MAGIC(0, "SWAP-SPACE", LG_CONTENT_SWAP),
	MAGIC(0, "S1SUSPEND", LG_CONTENT_SWAP),
};

/* Labels of cloud-init's and of other agents' drives, in any letter case. */
static const char *const config_labels[] = { "config-2   ", "cidata     " };

/* The label in the boot sector of FAT12 and FAT16, or of FAT32. */
static const u32 label_places[] = { 43, 71 };

static const char *const words[] = {
	[LG_CONTENT_OTHER] = "nothing that is known",
	[LG_CONTENT_FILESYSTEM] = "a filesystem",
	[LG_CONTENT_BTRFS] = "a filesystem",
	[LG_CONTENT_FIXED] = "a filesystem that cannot grow",
	[LG_CONTENT_JOURNAL] = "the journal of an ext4 that lies elsewhere",
	[LG_CONTENT_SWAP] = "swap",
	[LG_CONTENT_IMAGE] = "a read-only image",
	[LG_CONTENT_CONFIG] = "a configuration drive",
	[LG_CONTENT_LUKS] = "LUKS",
	[LG_CONTENT_LVM] = "LVM",
	[LG_CONTENT_MD] = "a member of an md array",
};

static bool has(const u8 *head, size_t size, const struct magic *magic)
{
	return magic->at + magic->len <= size &&
	       !memcmp(head + magic->at, magic->bytes, magic->len);
}

static bool equals(const u8 *text, const char *label)
{
	for (; *label; text++, label++)
		if ((*text | 0x20) != (*label | 0x20))
			return false;
	return true;
}

static bool is_swap(const u8 *head, size_t size)
{
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(swap_pages) && swap_pages[i] <= size; i++)
		for (j = 0; j < ARRAY_SIZE(swap_signatures); j++)
			if (has(head + swap_pages[i] - 10, 10, &swap_signatures[j]))
				return true;
	return false;
}

static bool is_config_drive(const u8 *head, size_t size)
{
	size_t i, j;

	if (size < 512 || head[510] != 0x55 || head[511] != 0xaa)
		return false;
	for (i = 0; i < ARRAY_SIZE(label_places); i++)
		for (j = 0; j < ARRAY_SIZE(config_labels); j++)
			if (equals(head + label_places[i], config_labels[j]))
				return true;
	return false;
}

static bool is_journal(const u8 *head, size_t size, const struct magic *magic)
{
	return magic->at == EXT_MAGIC && size > EXT_INCOMPAT &&
	       head[EXT_INCOMPAT] & EXT_INCOMPAT_JOURNAL;
}

static enum lg_content find_magic(const u8 *head, size_t size)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(magics); i++)
		if (has(head, size, &magics[i]))
			return is_journal(head, size, &magics[i]) ? LG_CONTENT_JOURNAL :
								    magics[i].content;
	return LG_CONTENT_OTHER;
}

enum lg_content lg_content_find(const u8 *head, size_t size)
{
	enum lg_content found = find_magic(head, size);

	if (is_config_drive(head, size))
		return LG_CONTENT_CONFIG;
	if (!is_swap(head, size))
		return found;
	/* One of the two is left over from an earlier use. */
	return found == LG_CONTENT_OTHER ? LG_CONTENT_SWAP : LG_CONTENT_OTHER;
}

const char *lg_content_words(enum lg_content content)
{
	return words[content];
}

/* No growth of the partition is of any use to these. */
static bool is_fixed(const struct lg_holding *holding)
{
	switch (holding->content) {
	case LG_CONTENT_CONFIG:
	case LG_CONTENT_FIXED:
	case LG_CONTENT_JOURNAL:
		return true;
	case LG_CONTENT_SWAP:
	case LG_CONTENT_IMAGE:
		/* A writable filesystem lies where one of them was. */
		return holding->mount != LG_MOUNT_WRITABLE;
	default:
		return false;
	}
}

/* growctl has not answered in time: is the partition in use by what can use more space? */
static bool is_used_by_type(const struct lg_holding *holding)
{
	switch (holding->content) {
	case LG_CONTENT_BTRFS:
	case LG_CONTENT_LUKS:
	case LG_CONTENT_LVM:
	case LG_CONTENT_MD:
		return holding->is_held;
	case LG_CONTENT_FILESYSTEM:
		/* Another holder than its mount may be a mapping, perhaps a read-only one. */
		return holding->is_held && !holding->shows_mounts;
	default:
		return false;
	}
}

enum livegrow_reason lg_content_forbids(const struct lg_holding *holding, u32 flags)
{
	bool is_writable = holding->mount == LG_MOUNT_WRITABLE;

	if (is_fixed(holding))
		return LIVEGROW_REASON_PART_HOLDS;
	if (flags & LIVEGROW_FLAG_ASKED ||
	    (is_writable && holding->content == LG_CONTENT_FILESYSTEM))
		return LIVEGROW_REASON_NONE;
	if (holding->mount == LG_MOUNT_READ_ONLY)
		return LIVEGROW_REASON_MOUNTED_READ_ONLY;
	if (holding->content == LG_CONTENT_LUKS && !holding->is_held)
		return LIVEGROW_REASON_PART_CLOSED;
	if (flags & LIVEGROW_FLAG_CONTENT)
		return LIVEGROW_REASON_NONE;
	if (holding->answer)
		return holding->answer;
	return is_writable || is_used_by_type(holding) ? LIVEGROW_REASON_NONE :
							 LIVEGROW_REASON_CONTENT_AWAITED;
}
