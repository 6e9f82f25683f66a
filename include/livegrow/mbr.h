/* SPDX-License-Identifier: GPL-2.0-only */
/* The protective MBR in front of a GPT: UEFI 2.10, chapter 5.2.3. */
#ifndef LIVEGROW_MBR_H
#define LIVEGROW_MBR_H

#include <livegrow/platform.h>

enum lg_mbr_kind {
	LG_MBR_NONE,		/* nothing that announces a GPT */
	LG_MBR_PROTECTIVE,
	LG_MBR_HYBRID,		/* announces a GPT, and other partitions too */
};

/**
 * lg_mbr_kind() - what LBA 0 announces
 * @lba0: at least its first 512 bytes
 */
enum lg_mbr_kind lg_mbr_kind(const u8 *lba0);

/**
 * lg_mbr_covers() - does the protective partition reach the disk's end?
 * @lba0: an LBA 0 of LG_MBR_PROTECTIVE
 * @last_lba: the disk's last logical block
 *
 * A size of 0xffffffff covers every disk: some tools always write it.
 */
bool lg_mbr_covers(const u8 *lba0, u64 last_lba);

/**
 * lg_mbr_end() - the last LBA of the disk, as the protective partition has it
 * @lba0: an LBA 0 of LG_MBR_PROTECTIVE
 *
 * Return: 0 where it covers any disk.
 */
u64 lg_mbr_end(const u8 *lba0);

/**
 * lg_mbr_set_end() - make the protective partition reach the disk's end
 * @lba0: an LBA 0 of LG_MBR_PROTECTIVE, changed in place
 * @last_lba: the disk's last logical block
 */
void lg_mbr_set_end(u8 *lba0, u64 last_lba);

#endif /* LIVEGROW_MBR_H */
