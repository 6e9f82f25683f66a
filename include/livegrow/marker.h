/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mark that an unfinished commit leaves in LBA 1, in the block's last 16
 * bytes, which the specification reserves: "the entry array's home is LBA H".
 */
#ifndef LIVEGROW_MARKER_H
#define LIVEGROW_MARKER_H

#include <livegrow/platform.h>

/**
 * lg_marker_read() - the home LBA that a block's marker names
 * @block: LBA 1
 * @lba_size: bytes in it
 *
 * The marker's checksum covers the disk's GUID, so that one that was copied
 * here from another disk does not count. Return: 0 where there is none.
 */
u64 lg_marker_read(const u8 *block, u32 lba_size);

/**
 * lg_marker_write() - mark a header as that of an unfinished commit
 * @block: the header, changed in place; its CRC does not cover the marker
 * @lba_size: bytes in it
 * @home: LBA of the entry array's home
 */
void lg_marker_write(u8 *block, u32 lba_size, u64 home);

/**
 * lg_marker_clear() - zero the marker's bytes
 * @block: the header, changed in place
 * @lba_size: bytes in it
 */
void lg_marker_clear(u8 *block, u32 lba_size);

/**
 * lg_marker_has_room() - are the marker's bytes free?
 * @block: LBA 1
 * @lba_size: bytes in it
 *
 * Free is: outside the header, and zero or a marker already.
 */
bool lg_marker_has_room(const u8 *block, u32 lba_size);

#endif /* LIVEGROW_MARKER_H */
