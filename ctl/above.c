// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl does not grow LVM, LUKS and DRBD on a partition or disk, what lies on those, and the
 * filesystems at the top. This finds the lowest of them that is smaller than what it lies on.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <livegrow/endmeta.h>

#include "above.h"
#include "content.h"
#include "dm.h"
#include "holder.h"
#include "lvm_pv.h"
#include "text.h"

/* More than anybody stacks. */
#define DEPTH_MAX 8

/* Of a mapping by dm-crypt what does not fill a sector is left out; none is larger. */
#define CRYPT_SECTOR_MAX 4096

#define SECTOR 512

/* Of a mountpoint that is longer, the end. */
#define TARGET_TEXT 64

/**
 * struct climb - where on the way up it is
 * @known: LVM, LUKS or DRBD is what lies on the volume, and on all below it
 */
struct climb {
	struct libmnt_table *mounts;
	int depth;
	bool known;
	struct above *ret;
};

static int pv_read(const struct volume *v, struct lvm_pv *ret)
{
	int r, fd = volume_open(v);

	if (fd < 0)
		return fd;
	r = lvm_pv_read(fd, v->size, ret);
	close(fd);
	return r;
}

/*
 * Where it cannot be read, it is told how it follows, be there anything to follow or not. What
 * no active volume uses may be meant to stay free, or a volume's that is not active.
 */
static void lvm_advise(const struct volume *v, const char *path, struct above *ret)
{
	char text[SIZE_TEXT];
	uint64_t used = 0;
	struct lvm_pv pv;
	int r = pv_read(v, &pv);

	if (r < 0 || pv.spare)
		snprintf(ret->advice, ADVICE_SIZE, "LVM follows by pvresize %s", path);
	else if (dm_plain_reach(v, &used) > 0 && used < pv.end)
		snprintf(ret->advice, ADVICE_SIZE,
			 "no active LVM volume uses %s at its end: if vgs shows it free, and it "
			 "is not kept for snapshots, lvextend -r -l +100%%FREE VG/LV takes it for "
			 "good",
			 size_text(pv.end - used, text));
	ret->certain = r == 0 && pv.spare;
}

/* A mapping is made as large as its device whenever it is opened. */
static void luks_advise(const struct volume *v, struct above *ret)
{
	struct holder holder;
	uint64_t used = 0;
	int r;

	if (holder_find(v, &holder) < 0) {
		snprintf(ret->advice, ADVICE_SIZE, "LUKS follows when it is opened next");
		return;
	}
	r = dm_crypt_reach(v, &used);
	if (r <= 0 || v->size >= used + CRYPT_SECTOR_MAX)
		snprintf(ret->advice, ADVICE_SIZE, "LUKS follows by cryptsetup resize %s",
			 text_is_word(holder.name) ? holder.name : "of its mapping");
	ret->certain = r > 0;
}

/* Whether DRBD's metadata is at the end of @v, where a resource that is started looks for it. */
static bool drbd_is_at_end(const struct volume *v)
{
	u64 places[LG_ENDMETA_PLACES];
	uint8_t sector[SECTOR];
	int fd = volume_open(v);
	ssize_t n = -1;

	if (fd < 0)
		return true;
	if (lg_endmeta_drbd.places(v->size / SECTOR, places))
		n = pread(fd, sector, SECTOR, (off_t)(places[0] * SECTOR));
	close(fd);
	return n != SECTOR || lg_endmeta_drbd.is_superblock(sector, places[0]);
}

static void drbd_advise(const struct volume *v, struct above *ret)
{
	ret->certain = true;
	if (!drbd_is_at_end(v))
		snprintf(ret->advice, ADVICE_SIZE,
			 "DRBD follows by drbdadm resize, before its resource is stopped: its "
			 "metadata is not at the end of %s",
			 v->name);
}

static void fs_advise(struct climb *c, const struct volume *v)
{
	char target[TARGET_TEXT];
	struct fs_facts facts;
	struct fs fs;

	if (fs_open(c->mounts, v, &fs) < 0)
		return;
	if (fs_facts_read(&fs, &facts) == 0) {
		c->ret->any_fs |= c->known;
		c->ret->certain = true;
		if (!fs_is_full(&facts))
			snprintf(c->ret->advice, ADVICE_SIZE, "%s on %s follows by %s",
				 fs.place.type, text_tail(fs.place.target, sizeof(target), target),
				 fs.ops->by_hand);
	}
	fs_close(&fs);
}

static bool is_lvm(const char *type)
{
	return !strcmp(type, "LVM2_member");
}

/* Returns whether what lies on it is LVM's, LUKS's or DRBD's. */
static bool content_advise(const struct volume *v, struct above *ret)
{
	char type[CONTENT_SIZE], path[HOLDER_NAME + 12];
	struct holder self = { 0 }, holder = { 0 };
	bool is_mapping = holder_read(v->name, &self) == 0 && strcmp(self.type, CONTENT_DRBD);

	/* What LVM lays on a logical volume is as large as that has to be. */
	if (is_lvm(self.type) && holder_find(v, &holder) == 0 && is_lvm(holder.type))
		return true;
	if (content_probe(v, type) < 0)
		return false;
	snprintf(path, sizeof(path), "/dev/%s%s", is_mapping ? "mapper/" : "",
		 is_mapping ? self.name : v->name);
	if (is_lvm(type))
		lvm_advise(v, path, ret);
	else if (!strcmp(type, "crypto_LUKS"))
		luks_advise(v, ret);
	else if (!strcmp(type, CONTENT_DRBD))
		drbd_advise(v, ret);
	else
		return false;
	return true;
}

static void climb(struct climb *c, const struct volume *v);

static int on_holder(const struct volume *holder, void *arg)
{
	struct climb *c = arg;

	fs_advise(c, holder);
	if (!c->ret->advice[0] && volume_is_linked(holder->name, "holders"))
		climb(c, holder);
	return c->ret->advice[0] != '\0';
}

static void climb(struct climb *c, const struct volume *v)
{
	bool was_known = c->known;

	if (c->depth == DEPTH_MAX)
		return;
	c->depth++;
	c->known &= content_advise(v, c->ret);
	if (!c->ret->advice[0])
		holders_each(v, on_holder, c);
	c->known = was_known;
	c->depth--;
}

/* Whoever is root in a user namespace of his own could have growctl wait for ever there. */
static bool is_out_of_reach(struct libmnt_table *mounts, const struct volume *volume)
{
	return !geteuid() && fs_is_mounted(mounts, volume);
}

/**
 * above_find() - what lies on a partition or disk, and whether all of it is used
 * @mounts: of mounts_read()
 * @volume: the partition or disk, of which fs_open() reached no filesystem
 * @ret: receives it
 */
void above_find(struct libmnt_table *mounts, const struct volume *volume, struct above *ret)
{
	struct climb c = { .mounts = mounts, .known = true, .ret = ret };

	*ret = (struct above){ 0 };
	ret->out_of_reach = ret->certain = is_out_of_reach(mounts, volume);
	if (ret->out_of_reach)
		snprintf(
			ret->advice, ADVICE_SIZE,
			"mounted where growctl does not go, by a container with users of its own, or "
			"unmounted lazily; it follows when it is mounted here too");
	else
		climb(&c, volume);
}
