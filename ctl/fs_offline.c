// SPDX-License-Identifier: GPL-2.0-or-later
/* Filesystems that growctl does not grow, and who does. A new one is one line in known[]. */

#include <string.h>

#include "fs_offline.h"
#include "util.h"

#define UNMOUNTED "cannot grow while mounted: umount it and run "
#define NEVER "has the size that it was made with, and cannot grow"
#define NO_TOOL \
	", mounted or not; only a new filesystem can use more, and making one destroys this one"
#define MOUNTED(tool) "growctl cannot grow this type; " tool " can, while it is mounted"

static const struct {
	const char *type, *why;
} known[] = {
	{ "f2fs", UNMOUNTED "resize.f2fs" },
	{ "vfat", UNMOUNTED "fatresize -s max" },
	{ "msdos", UNMOUNTED "fatresize -s max" },
	{ "ntfs3", UNMOUNTED "ntfsresize" },
	{ "ntfs", UNMOUNTED "ntfsresize" },
	/* Of FUSE only this much can be told; it is mostly ntfs-3g. */
	{ "fuseblk", UNMOUNTED "its own tool, which is ntfsresize for NTFS" },
	{ "swap",
	  "cannot grow while in use; a new swap area on it takes all, and destroys a hibernation image in the old one" },
	{ "exfat", "cannot grow" NO_TOOL },
	/* What grows it is Apple's alone. */
	{ "hfsplus", "cannot grow under Linux" NO_TOOL },
	{ "bcachefs", MOUNTED("bcachefs device resize") },
	{ "gfs2", MOUNTED("gfs2_grow") },
	{ "ocfs2", MOUNTED("tunefs.ocfs2 -S") },
	{ "reiserfs", MOUNTED("resize_reiserfs") },
	{ "jfs", "growctl cannot grow this type; mount -o remount,resize can" },
	{ "udf", NEVER },
	{ "iso9660", NEVER },
	{ "squashfs", NEVER },
	{ "erofs", NEVER },
	{ "cramfs", NEVER },
	{ "romfs", NEVER },
};

/**
 * fs_offline_why() - who grows a filesystem that growctl does not grow
 * @type: the kernel's name for it, or libblkid's
 *
 * Returns the words; never NULL.
 */
const char *fs_offline_why(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(type, known[i].type))
			return known[i].why;
	return "growctl cannot grow this type";
}
