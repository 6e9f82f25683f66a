// SPDX-License-Identifier: GPL-2.0-or-later
/* What a partition holds, by libblkid. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <blkid.h>

#include "content.h"
#include "holder.h"

/**
 * content_probe_at() - find out what a part of a file or device holds
 * @fd: it, open
 * @start: byte where the part starts
 * @size: bytes, or 0 for all from there on
 * @ret_type: as of content_probe()
 *
 * Returns as content_probe() does.
 */
int content_probe_at(int fd, uint64_t start, uint64_t size, char ret_type[CONTENT_SIZE])
{
	blkid_probe probe = blkid_new_probe();
	const char *type;
	int r = -EIO;

	if (!probe)
		return -ENOMEM;
	if (blkid_probe_set_device(probe, fd, (blkid_loff_t)start, (blkid_loff_t)size))
		goto out;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE);
	switch (blkid_do_safeprobe(probe)) {
	case 0:
		r = blkid_probe_lookup_value(probe, "TYPE", &type, NULL) ? -ENODATA : 0;
		break;
	case 1:
		r = -ENODATA;
		break;
	case -2:
		r = -ENOTUNIQ;
		break;
	}
	if (r == 0)
		snprintf(ret_type, CONTENT_SIZE, "%s", type);
out:
	blkid_free_probe(probe);
	return r;
}

/* A user who may not read the volume can still learn its content from its holder. */
static int content_held(const struct volume *volume, char ret_type[CONTENT_SIZE])
{
	struct holder holder;

	if (holder_find(volume, &holder) < 0 || !holder.type[0])
		return -EACCES;
	memcpy(ret_type, holder.type, CONTENT_SIZE);
	return 0;
}

/**
 * content_probe() - find out what a volume holds
 * @volume: the partition or disk
 * @ret_type: receives libblkid's word, such as "ext4", "LVM2_member"
 *
 * Returns 0, -ENODATA when it holds nothing known, -ENOTUNIQ when it could be
 * one thing or another, or another negative errno.
 */
int content_probe(const struct volume *volume, char ret_type[CONTENT_SIZE])
{
	struct holder holder;
	int r, fd;

	/* The metadata is not found any more where another tool made the partition larger. */
	if (holder_find(volume, &holder) == 0 && !strcmp(holder.type, CONTENT_DRBD)) {
		memcpy(ret_type, holder.type, CONTENT_SIZE);
		return 0;
	}
	fd = volume_open(volume);
	if (fd == -EACCES || fd == -EPERM)
		return content_held(volume, ret_type);
	if (fd < 0)
		return fd;
	r = content_probe_at(fd, 0, 0, ret_type);
	close(fd);
	return r;
}

/**
 * content_table() - find out the kind of a partition table
 * @fd: the disk or image, open
 * @ret_type: receives libblkid's word, such as "dos", "gpt"
 *
 * Returns whether there is a table of any kind.
 */
bool content_table(int fd, char ret_type[CONTENT_SIZE])
{
	blkid_probe probe = blkid_new_probe();
	const char *type;
	bool any = false;

	if (probe && !blkid_probe_set_device(probe, fd, 0, 0)) {
		blkid_probe_enable_superblocks(probe, 0);
		blkid_probe_enable_partitions(probe, 1);
		any = blkid_do_safeprobe(probe) == 0 &&
		      !blkid_probe_lookup_value(probe, "PTTYPE", &type, NULL);
	}
	if (any)
		snprintf(ret_type, CONTENT_SIZE, "%s", type);
	blkid_free_probe(probe);
	return any;
}

/**
 * content_growable() - whether a larger partition does its content no harm
 * @type: libblkid's word
 *
 * True for contents whose metadata lies at the front and which can take up the
 * new space while in use.
 */
bool content_growable(const char *type)
{
	static const char *const types[] = {
		"ext2", "ext3", "ext4", "xfs", "btrfs", "nilfs2", "LVM2_member", "crypto_LUKS",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}
