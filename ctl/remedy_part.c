// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Remedies that depend on the content of a disk's last partition. A command is printed
 * only where libblkid finds the content that the command is for.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "content.h"
#include "foreign.h"
#include "names.h"
#include "remedy_part.h"
#include "sysfs.h"

/* The first partition number of an MBR that is in an extended partition. */
#define FIRST_LOGICAL 5

/* Bytes: 2^32 blocks of 512. */
#define MBR_END (UINT64_C(1) << 41)

static bool holds(const struct volume *v, const char *wanted)
{
	char type[CONTENT_SIZE];

	return content_probe(v, type) == 0 && !strcmp(type, wanted);
}

/**
 * remedy_part_type() - the remedy for a last partition whose type must not grow
 * @disk: the module's record of the disk
 *
 * swapoff comes first, and fails for everything but swap in use: even if the name
 * belongs to another disk by then, nothing but swap is deleted.
 *
 * Returns words for remedy_fill().
 */
const char *remedy_part_type(const struct record *disk)
{
	char name[NAME_SIZE + 12];
	struct volume v;

	partition_name(disk->disk, disk->part, name, sizeof(name));
	if (volume_read(name, &v) == 0 && holds(&v, "swap"))
		return "only the last partition can grow, and a swap file can take the place of "
		       "this one. This destroys the partition PARTITION, with any hibernation "
		       "image in it: swapoff /dev/PARTITION && sfdisk --delete /dev/DISK NUMBER "
		       "&& { partx -d --nr NUMBER /dev/DISK; growctl grow DISK; }; its line in "
		       "/etc/fstab has to be removed too";
	return "only the last partition can grow, and PARTITION has to stay as it is: add a disk "
	       "for more space, or have the image made with the partition that is to grow at its "
	       "end";
}

static bool is_mbr(const char *disk)
{
	char type[CONTENT_SIZE];
	struct volume v;
	bool is;
	int fd;

	if (volume_read(disk, &v) < 0)
		return false;
	fd = volume_open(&v);
	if (fd < 0)
		return false;
	is = content_table(fd, type) && !strcmp(type, "dos");
	close(fd);
	return is;
}

/**
 * remedy_not_gpt() - the remedy for a disk whose partition table is no GPT
 * @disk: the module's record of the disk
 * @ret_part: receives the number of the partition that the words are about, or 0
 *
 * growpart writes LBA 0 only, and leaves the boot loader's code there, and behind it, as
 * they are. It moves a partition's end, so the partition must not have metadata there. The
 * new end need not be a multiple of more than 512 bytes from the start: a LUKS2 with larger
 * sectors does not open on such a partition.
 *
 * Returns words for remedy_fill().
 */
const char *remedy_not_gpt(const struct record *disk, uint32_t *ret_part)
{
	char type[CONTENT_SIZE];
	struct volume last;

	*ret_part = 0;
	if (!is_mbr(disk->disk))
		return "livegrow grows a GPT only: the disk keeps the size that its table has";
	/*
	 * With blocks of 512 bytes growpart 0.33 refuses such a disk, even up to where an MBR
	 * ends; with larger ones partx counts the live partition's sectors with 32 bits.
	 */
	if (disk->capacity > MBR_END)
		return "beyond 2 TiB a disk needs a GPT. Before a boot disk is converted to one, it "
		       "needs a BIOS boot partition, and afterwards its boot loader installed "
		       "again, or it does not boot; a second disk needs neither";
	if (!foreign_last(disk, &last) || last.number >= FIRST_LOGICAL ||
	    content_probe(&last, type) < 0 || !content_growable(type))
		return "livegrow does not grow an MBR, and nothing that is known to grow lies at "
		       "the disk's end: add a disk for more space";
	*ret_part = last.number;
	if (!strcmp(type, "crypto_LUKS"))
		return "livegrow does not grow an MBR, and other tools may give PARTITION a size "
		       "with which its LUKS does not open: add a disk for more space";
	if (!strcmp(type, "LVM2_member"))
		return "livegrow does not grow an MBR; growpart, of the package cloud-guest-utils, "
		       "does: growpart /dev/DISK NUMBER && pvresize /dev/PARTITION";
	return "livegrow does not grow an MBR; growpart, of the package cloud-guest-utils, does, "
	       "and growctl's service has the filesystem follow once it is mounted: growpart "
	       "/dev/DISK NUMBER";
}
