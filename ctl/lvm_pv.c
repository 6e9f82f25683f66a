// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How far an LVM physical volume reaches on its device, and what it leaves of it, by the metadata
 * on it.
 *
 * The size in its label is true only as long as no volume group has it: pvresize does
 * not change it later. Then it is the group's metadata that count. What cannot be told from
 * this one volume is refused: other volumes of its group are not looked for.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lvm_area.h"
#include "lvm_pv.h"
#include "lvm_text.h"

/**
 * struct found - what the metadata areas came to
 * @any: @group is of the newest text
 * @err: why a text was not taken
 * @ignored: there is an area that is set aside
 */
struct found {
	bool any, ignored;
	int err;
	struct lvm_group group;
};

static int area_read(int fd, const struct lvm_area *area, const char *uuid, struct lvm_group *ret)
{
	char *text;
	size_t len;
	int r = lvm_area_read(fd, area, &text, &len);

	if (r < 0)
		return r;
	r = lvm_text_take(text, len, uuid, ret);
	free(text);
	return r;
}

/* LVM as well goes on with what is sound, and takes the text with the largest number. */
static void areas_read(int fd, const struct lvm_label *label, struct found *f)
{
	struct lvm_group group;

	for (size_t i = 0; i < label->areas; i++) {
		int r = area_read(fd, &label->metadata[i], label->uuid, &group);

		if (r == -ENOLINK)
			f->ignored = true;
		else if (r < 0 && r != -ENODATA)
			f->err = r;
		if (r < 0 || (f->any && group.seqno <= f->group.seqno))
			continue;
		f->any = true;
		f->group = group;
	}
}

static int sectors_to_bytes(uint64_t sectors, uint64_t *ret)
{
	return __builtin_mul_overflow(sectors, LVM_SECTOR, ret) ? -EUCLEAN : 0;
}

static int group_reach(const struct lvm_group *group, uint64_t *ret, const char **ret_why)
{
	*ret_why = "other hosts share its volume group";
	if (group->shared)
		return -EOPNOTSUPP;
	*ret_why = "the metadata on it are of a volume group that does not list it";
	if (!group->listed)
		return -EUCLEAN;
	*ret_why = "its metadata tell of an impossible size";
	return sectors_to_bytes(group->reach, ret);
}

static int damage_why(int err, const char **ret_why)
{
	*ret_why = err == -EUCLEAN ? "its metadata are damaged; pvck tells more" :
		   err == -EFBIG   ? "its metadata are larger than growctl reads" :
				     strerror(-err);
	return err;
}

static int reach(const struct lvm_label *label, const struct found *f, uint64_t *ret,
		 const char **ret_why)
{
	if (f->any)
		return group_reach(&f->group, ret, ret_why);
	if (f->err < 0)
		return damage_why(f->err, ret_why);
	*ret_why = "other volumes of its group alone know how far it reaches";
	if (!label->areas || f->ignored || label->in_group)
		return -EOPNOTSUPP;
	*ret = label->device_size;
	return 0;
}

static int volume_take(int fd, uint64_t volume_size, struct lvm_label *label, struct found *f)
{
	uint8_t head[LVM_LABEL_RANGE];
	int r;

	if (volume_size > INT64_MAX)
		return -EFBIG;
	r = lvm_read(fd, head, sizeof(head), 0);
	if (r == 0)
		r = lvm_label_take(head, volume_size, label);
	if (r == 0)
		areas_read(fd, label, f);
	return r;
}

/* What ends later than @end: one area may lie behind the extents. */
static uint64_t areas_end(const struct lvm_label *label, uint64_t end)
{
	for (size_t i = 0; i < label->areas; i++)
		if (label->metadata[i].start + label->metadata[i].size > end)
			end = label->metadata[i].start + label->metadata[i].size;
	return end;
}

/**
 * lvm_pv_reach() - how far a physical volume reaches
 * @fd: the device, open for reading
 * @volume_size: bytes of it
 * @ret: receives the byte at which everything of the volume ends, its size, its
 *       extents and its metadata areas; it may be past @volume_size
 * @ret_why: after an error, receives why it cannot be told
 *
 * LVM may change the metadata meanwhile, unless it is kept out by lvm_lock(); then it
 * is as if they were damaged, or it tells what they were.
 *
 * Returns 0 or a negative errno.
 */
int lvm_pv_reach(int fd, uint64_t volume_size, uint64_t *ret, const char **ret_why)
{
	struct found found = { 0 };
	struct lvm_label label;
	uint64_t end = 0;
	int r;

	*ret_why = "its label cannot be read";
	r = volume_take(fd, volume_size, &label, &found);
	if (r == 0)
		r = reach(&label, &found, &end, ret_why);
	if (r == 0)
		*ret = areas_end(&label, end);
	return r;
}

static int group_extents(const struct lvm_group *group, uint64_t *ret_end, uint64_t *ret_extent)
{
	int r = sectors_to_bytes(group->end, ret_end);

	return r < 0 ? r : sectors_to_bytes(group->extent, ret_extent);
}

/**
 * lvm_pv_read() - what a physical volume makes of its device
 * @fd: the device, open for reading
 * @volume_size: bytes of it
 * @ret: receives it; of one in no group all that it takes its device for counts as extents
 *
 * Returns 0, or the errors of lvm_pv_reach().
 */
int lvm_pv_read(int fd, uint64_t volume_size, struct lvm_pv *ret)
{
	struct found found = { 0 };
	uint64_t end = 0, extent = LVM_SECTOR, last;
	struct lvm_label label;
	const char *why;
	int r = volume_take(fd, volume_size, &label, &found);

	if (r == 0)
		r = reach(&label, &found, &end, &why);
	if (r == 0 && found.any)
		r = group_extents(&found.group, &end, &extent);
	if (r < 0)
		return r;
	last = areas_end(&label, end);
	ret->end = end;
	ret->spare = last < volume_size && volume_size - last >= extent ? volume_size - last : 0;
	return 0;
}
