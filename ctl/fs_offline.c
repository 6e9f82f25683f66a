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
	const char *type;
	bool never;
	const char *why;
} known[] = {
	{ "f2fs", false, UNMOUNTED "resize.f2fs" },
	{ "vfat", false, UNMOUNTED "fatresize -s max" },
	{ "msdos", false, UNMOUNTED "fatresize -s max" },
	{ "ntfs3", false, UNMOUNTED "ntfsresize" },
	{ "ntfs", false, UNMOUNTED "ntfsresize" },
	/* Of FUSE only this much can be told; it is mostly ntfs-3g. */
	{ "fuseblk", false, UNMOUNTED "its own tool, which is ntfsresize for NTFS" },
	{ "swap", false,
	  "cannot grow while in use; a new swap area on it takes all, and destroys a hibernation image in the old one" },
	{ "exfat", true, "cannot grow" NO_TOOL },
	/* Only Apple's tools grow it. */
	{ "hfsplus", true, "cannot grow under Linux" NO_TOOL },
	{ "hfs", true, "cannot grow under Linux" NO_TOOL },
	{ "minix", true, "cannot grow" NO_TOOL },
	{ "bcachefs", false, MOUNTED("bcachefs device resize") },
	{ "gfs2", false, MOUNTED("gfs2_grow") },
	{ "ocfs2", false, MOUNTED("tunefs.ocfs2 -S") },
	{ "reiserfs", false, MOUNTED("resize_reiserfs") },
	{ "jfs", false, "growctl cannot grow this type; mount -o remount,resize can" },
	{ "udf", true, NEVER },
	{ "iso9660", true, NEVER },
	{ "squashfs", true, NEVER },
	{ "erofs", true, NEVER },
	{ "cramfs", true, NEVER },
	{ "romfs", true, NEVER },
};

/**
 * fs_never_grows() - whether no tool of Linux grows a filesystem, mounted or not
 * @type: the kernel's name for it, or libblkid's
 */
bool fs_never_grows(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(type, known[i].type))
			return known[i].never;
	return false;
}

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
