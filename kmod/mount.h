/* SPDX-License-Identifier: GPL-2.0-only */
/* A mounted filesystem, by the superblock that a block device leads to. */
#ifndef LIVEGROW_MOUNT_H
#define LIVEGROW_MOUNT_H

#include <linux/fs.h>
#include <livegrow/content.h>

/**
 * lg_mount_of() - how a superblock is mounted
 * @super: the superblock, or NULL; it stays for the duration of the call
 */
static inline enum lg_mount lg_mount_of(const struct super_block *super)
{
	if (!super || !(READ_ONCE(super->s_flags) & SB_ACTIVE))
		return LG_MOUNT_UNSEEN;
	return sb_rdonly(super) ? LG_MOUNT_READ_ONLY : LG_MOUNT_WRITABLE;
}

#endif /* LIVEGROW_MOUNT_H */
