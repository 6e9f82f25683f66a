// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a volume is called, by libblkid from the volume itself: udev's links and blkid's
 * cache may not be there yet, or be of yesterday.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <blkid.h>

#include "tags.h"

static const struct {
	const char *name, *of_blkid;
	bool any_case;
} names[TAG_COUNT] = {
	[TAG_LABEL] = { "LABEL", "LABEL", false },
	[TAG_UUID] = { "UUID", "UUID", true },
	[TAG_PARTLABEL] = { "PARTLABEL", "PART_ENTRY_NAME", false },
	[TAG_PARTUUID] = { "PARTUUID", "PART_ENTRY_UUID", true },
};

static void values_take(blkid_probe probe, struct tags *ret)
{
	const char *value;

	for (int i = 0; i < TAG_COUNT; i++)
		if (!blkid_probe_lookup_value(probe, names[i].of_blkid, &value, NULL))
			snprintf(ret->text[i], TAG_SIZE, "%s", value);
}

static int probe_run(blkid_probe probe, int fd, struct tags *ret)
{
	if (blkid_probe_set_device(probe, fd, 0, 0))
		return -EIO;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID);
	blkid_probe_enable_partitions(probe, 1);
	blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
	switch (blkid_do_safeprobe(probe)) {
	case 0:
		values_take(probe, ret);
		return 0;
	case 1:
		return 0;
	case -2:
		return -ENOTUNIQ;
	default:
		return -EIO;
	}
}

/**
 * tags_read() - find out what a volume is called
 * @volume: the partition or disk
 * @ret: receives it
 *
 * Returns 0, -ENOTUNIQ where what it holds could be one thing or another, or another
 * negative errno.
 */
int tags_read(const struct volume *volume, struct tags *ret)
{
	struct tags tags = { 0 };
	blkid_probe probe;
	int r, fd = volume_open(volume);

	if (fd < 0)
		return fd;
	probe = blkid_new_probe();
	r = probe ? probe_run(probe, fd, &tags) : -ENOMEM;
	blkid_free_probe(probe);
	close(fd);
	if (r == 0)
		*ret = tags;
	return r;
}

/** tags_have() - whether one of them is @tag=@value, as /etc/fstab has it. */
bool tags_have(const struct tags *tags, const char *tag, const char *value)
{
	for (int i = 0; i < TAG_COUNT; i++)
		if (!strcmp(tag, names[i].name))
			return tags->text[i][0] &&
			       !(names[i].any_case ? strcasecmp(tags->text[i], value) :
						     strcmp(tags->text[i], value));
	return false;
}
