/* SPDX-License-Identifier: GPL-2.0-only */
/* The GUID partition table as it lies on a disk: UEFI 2.10, chapter 5.3. */
#ifndef LIVEGROW_GPT_H
#define LIVEGROW_GPT_H

#include <livegrow/platform.h>

#define LG_GPT_SIGNATURE	0x5452415020494645ULL	/* "EFI PART" */
#define LG_GPT_PRIMARY_LBA	1
#define LG_GPT_GUID_SIZE	16
#define LG_GPT_MIN_ENTRY_SIZE	128

/* The specification's attribute bit of partitions that are not to be written. */
#define LG_GPT_ATTR_READ_ONLY	BIT_ULL(60)

struct lg_gpt_header {
	__le64 signature;
	__le32 revision;
	__le32 header_size;
	__le32 header_crc;
	__le32 reserved;
	__le64 my_lba;
	__le64 alternate_lba;
	__le64 first_usable_lba;
	__le64 last_usable_lba;
	u8 disk_guid[LG_GPT_GUID_SIZE];
	__le64 array_lba;
	__le32 nr_entries;
	__le32 entry_size;
	__le32 array_crc;
} __packed;

lg_assert_size(struct lg_gpt_header, 92);

struct lg_gpt_entry {
	u8 type[LG_GPT_GUID_SIZE];
	u8 guid[LG_GPT_GUID_SIZE];
	__le64 first_lba;
	__le64 last_lba;
	__le64 attributes;
	__le16 name[36];
} __packed;

lg_assert_size(struct lg_gpt_entry, LG_GPT_MIN_ENTRY_SIZE);

/**
 * lg_gpt_header_valid() - is this block a GPT header of the place it lies at?
 * @block: one logical block
 * @lba_size: bytes in it
 * @lba: where it was read
 *
 * Signature, size, CRC and MyLBA; nothing of what it describes is looked at.
 */
bool lg_gpt_header_valid(const u8 *block, u32 lba_size, u64 lba);

/**
 * lg_gpt_header_seal() - give a changed header its CRC
 * @block: one logical block, its header_size already checked against it
 */
void lg_gpt_header_seal(u8 *block);

#endif /* LIVEGROW_GPT_H */
