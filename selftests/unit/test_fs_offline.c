// SPDX-License-Identifier: GPL-2.0-or-later
/* Of each filesystem that growctl does not grow, what a person is told to do, to the letter. */
#include <stdio.h>
#include <string.h>

#include "fs_offline.h"
#include "ktap.h"

static const char *const told[][2] = {
	{ "f2fs", "cannot grow while mounted: umount it and run resize.f2fs" },
	{ "vfat", "cannot grow while mounted: umount it and run fatresize -s max" },
	{ "msdos", "cannot grow while mounted: umount it and run fatresize -s max" },
	{ "ntfs3", "cannot grow while mounted: umount it and run ntfsresize" },
	{ "ntfs", "cannot grow while mounted: umount it and run ntfsresize" },
	{ "fuseblk", "cannot grow while mounted: umount it and run its own tool, which is "
		     "ntfsresize for NTFS" },
	{ "swap", "cannot grow while in use; a new swap area on it takes all, and destroys a "
		  "hibernation image in the old one" },
	{ "exfat",
	  "cannot grow, mounted or not; only a new filesystem can use more, and making one "
	  "destroys this one" },
	{ "hfsplus",
	  "cannot grow under Linux, mounted or not; only a new filesystem can use more, and "
	  "making one destroys this one" },
	{ "hfs", "cannot grow under Linux, mounted or not; only a new filesystem can use more, and "
		 "making one destroys this one" },
	{ "minix",
	  "cannot grow, mounted or not; only a new filesystem can use more, and making one "
	  "destroys this one" },
	{ "bcachefs",
	  "growctl cannot grow this type; bcachefs device resize can, while it is mounted" },
	{ "gfs2", "growctl cannot grow this type; gfs2_grow can, while it is mounted" },
	{ "ocfs2", "growctl cannot grow this type; tunefs.ocfs2 -S can, while it is mounted" },
	{ "reiserfs", "growctl cannot grow this type; resize_reiserfs can, while it is mounted" },
	{ "jfs", "growctl cannot grow this type; mount -o remount,resize can" },
	{ "udf", "has the size that it was made with, and cannot grow" },
	{ "iso9660", "has the size that it was made with, and cannot grow" },
	{ "squashfs", "has the size that it was made with, and cannot grow" },
	{ "erofs", "has the size that it was made with, and cannot grow" },
	{ "cramfs", "has the size that it was made with, and cannot grow" },
	{ "romfs", "has the size that it was made with, and cannot grow" },
};

/* A longer or shorter name is another filesystem, of which nothing is known. */
static const char *const unknown[] = { "", "vfa", "vfat2", "VFAT", "minix2", "ntfs3 " };

int main(void)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		const char *why = fs_offline_why(told[i][0]);

		CHECK(!strcmp(why, told[i][1]));
		/* What the module takes of a report has room for it, a type and a mountpoint's end. */
		CHECK(strlen(why) < 120);
		ktap_result("what to do about a filesystem that growctl does not grow", told[i][0]);
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		CHECK(!strcmp(fs_offline_why(unknown[i]), "growctl cannot grow this type"));
	ktap_result("of no other one more is told than that", NULL);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		CHECK(fs_never_grows(told[i][0]) == (strstr(told[i][1], "cannot grow,") ||
						     strstr(told[i][1], "cannot grow under") ||
						     strstr(told[i][1], "and cannot grow")));
	CHECK(!fs_never_grows("ext4") && !fs_never_grows(""));
	ktap_result("those that no tool grows are known as such", NULL);
	return ktap_end();
}
