// SPDX-License-Identifier: GPL-2.0-or-later
/* One pass of the daemon: compare everything, do what is missing. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "again.h"
#include "answer.h"
#include "follow.h"
#include "hold.h"
#include "in_use.h"
#include "mounts.h"
#include "names.h"
#include "pass.h"
#include "resume.h"
#include "shrunk.h"
#include "stack.h"

enum {
	ASKED_LOOK = 1 << 0,
	ASKED_CONTENT = 1 << 1,
	ASKED_BACK = 1 << 2,
	ASKED_POLICY = 1 << 3,
	ASKED_RESUME = 1 << 4,
	ASKED_SHRUNK = 1 << 5,
};

#define FNV_BASE UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

/* A disk that has to be read for its policy is waited for so long: all others wait, too. */
#define ANSWER_MS 5000

/* What may pass, such as a disk that udev has not named yet, is looked at so often again. */
#define DOUBTS_MAX 6

struct pass {
	struct lg *lg;
	struct memory *memory;
	struct growers *growers;
	const struct conf *conf;
	uint64_t places;
	struct libmnt_table *mounts;
	struct pass_news news;
};

/* FNV-1a over the devices that are in use, and how they are mounted; 0 where none is. */
static uint64_t used_digest(struct pass *p, const struct volume *volumes, size_t n)
{
	uint64_t digest = 0;
	enum lg_mount how;

	for (size_t i = 0; i < n; i++) {
		how = stack_mount_of(p->mounts, &volumes[i]);
		/* A loop device may be all that uses it. */
		if (how == LG_MOUNT_UNSEEN && !in_use(p->mounts, &volumes[i]))
			continue;
		digest = digest ? digest : FNV_BASE;
		digest = (digest ^ volumes[i].dev) * FNV_PRIME;
		digest = (digest ^ mounts_writable(p->mounts, volumes[i].dev)) * FNV_PRIME;
		digest = (digest ^ how) * FNV_PRIME;
	}
	return digest;
}

/* The same over all mountpoints: which of them are a disk's is for who has a rule for one. */
static uint64_t places_digest(struct pass *p)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	uint64_t digest = FNV_BASE;
	struct libmnt_fs *fs;

	while (it && mnt_table_next_fs(p->mounts, it, &fs) == 0)
		for (const char *c = mnt_fs_get_target(fs); c && *c; c++)
			digest = (digest ^ (unsigned char)*c) * FNV_PRIME;
	mnt_free_iter(it);
	return digest;
}

/*
 * Without disk_lock(): a tool that keeps the lock would stop every other disk
 * too. This only hints, as a uevent does, and what another tool changes in the
 * meantime the module sees by itself, before it writes.
 */
static void tell(struct pass *p, const struct record *disk, struct disk_memory *mem,
		 unsigned int what, const struct answer *answer)
{
	int r;

	if (mem->asked & what)
		return;
	mem->asked |= what;
	if (answer->reason)
		r = lg_disk_answer(p->lg, disk->disk, answer->reason, &mem->look);
	else
		r = lg_disk_grow(p->lg, disk->disk, answer->flags | mem->permits, NULL, &mem->look);
	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot ask for a look: %s", disk->disk,
			 lg_why(p->lg, r));
	else
		mem->has_look = true;
}

static void ask(struct pass *p, const struct record *disk, struct disk_memory *mem,
		unsigned int what, uint32_t flags)
{
	const struct answer answer = { .flags = flags };

	tell(p, disk, mem, what, &answer);
}

/* The disk is read at most once, until its size or what is in use changes. */
static void resume(struct pass *p, const struct record *disk, struct disk_memory *mem)
{
	if (mem->asked & ASKED_RESUME || disk->mode != LIVEGROW_MODE_AUTO)
		return;
	if (!resume_is_ours(disk)) {
		if (disk->reason == LIVEGROW_REASON_TABLE_DIFFERS)
			mem->asked |= ASKED_RESUME;
		return;
	}
	log_line(LOG_NOTICE, "%s: its last growth was interrupted: completing it", disk->disk);
	ask(p, disk, mem, ASKED_RESUME, LIVEGROW_FLAG_RESUME);
}

/* Whether the module's word on a disk can have changed with a mount or a mapping, which it does not hear of. */
static bool waits_for_use(const struct record *disk, const struct disk_memory *mem)
{
	return mem->used && (disk->state == LIVEGROW_STATE_UNUSED ||
			     disk->reason == LIVEGROW_REASON_MOUNTED_READ_ONLY ||
			     disk->reason == LIVEGROW_REASON_PART_CLOSED);
}

/* Also where a mount or a mapping has changed the answer that the module has. */
static void answer(struct pass *p, const struct record *disk, struct disk_memory *mem,
		   const struct volume *volumes, size_t n)
{
	struct answer found;

	/* To find one reads the partition. */
	if (mem->asked & ASKED_CONTENT && !memory_wants_answer(mem, disk))
		return;
	found = answer_find(p->mounts, disk, volumes, n, false);
	if (!found.flags && !found.reason)
		return;
	mem->asked &= ~ASKED_CONTENT;
	tell(p, disk, mem, ASKED_CONTENT, &found);
}

/* Only hints that something changed: the kernel decides, and nothing here answers mode ask. */
static void hint(struct pass *p, const struct record *disk, struct disk_memory *mem, bool again,
		 const struct volume *volumes, size_t n)
{
	if (again) {
		mem->asked = 0;
		ask(p, disk, mem, ASKED_LOOK, 0);
	}
	if (disk->state == LIVEGROW_STATE_UNKNOWN || waits_for_use(disk, mem))
		ask(p, disk, mem, ASKED_LOOK, 0);
	resume(p, disk, mem);
	answer(p, disk, mem, volumes, n);
	/* A wider rule permits the looks that follow it, up to the answer that they wait for. */
	if (!memory_look_runs(mem, disk))
		mem->permits = 0;
	if (disk->state == LIVEGROW_STATE_UNKNOWN || disk->state == LIVEGROW_STATE_GROWING ||
	    memory_look_runs(mem, disk))
		p->news.settled = false;
}

static void fs_start(struct pass *p, const struct record *disk, const struct fs *fs)
{
	int r = growers_start(p->growers, disk->disk, fs);

	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot start a process to grow it: %s", fs->volume.name,
			 strerror(-r));
}

/* Somebody may change that, and then it is tried: only the words are not repeated. */
static void fs_tell(struct pass *p, const struct fs *fs, int err)
{
	char text[FOLLOW_TEXT];

	if (memory_fs_told(p->memory, fs->volume.dev, fs->volume.size))
		return;
	follow_words(fs, NULL, err, text);
	log_line(LOG_NOTICE, "%s", text);
	memory_fs_keep(p->memory, fs->volume.dev, fs->volume.size, false);
}

/*
 * Another tool took back what had grown, in the table and live, and made it look
 * like space that was left free: the filesystem tells that it was not.
 */
static void ask_back(struct pass *p, const struct record *disk, const struct fs *fs)
{
	struct disk_memory *mem = memory_disk(p->memory, disk->disk);

	if (!mem || fs->volume.number != disk->part || mem->asked & ASKED_BACK)
		return;
	log_line(LOG_WARNING, "%s: is smaller than the filesystem on it: growing it again",
		 fs->volume.name);
	ask(p, disk, mem, ASKED_BACK, LIVEGROW_FLAG_FREE_TAIL | LIVEGROW_FLAG_CONTENT);
}

/* What is found here costs nothing and waits for nothing; whatever may wait is the grower's. */
static void fs_follow(struct pass *p, const struct record *disk, const struct volume *v)
{
	struct fs_facts facts;
	struct fs fs;
	int r;

	/* One that is not mounted may be repaired: what is known about it is forgotten. */
	if (!fs_is_mounted(p->mounts, v))
		return;
	if (memory_fs_tried(p->memory, v->dev, v->size) || growers_have(p->growers, v->dev) ||
	    fs_open(p->mounts, v, &fs) < 0)
		return;
	r = fs_check(&fs, &facts);
	/* Of a damaged one the kernel says so itself. */
	if ((r == 0 || (r == -EUCLEAN && fs.place.fd >= 0)) && !fs_is_full(&facts))
		fs_start(p, disk, &fs);
	else if (r < 0 && !fs_is_full(&facts))
		fs_tell(p, &fs, r);
	/* Nobody tells when that ends. */
	if (r == -EINPROGRESS)
		again_busy(p->memory);
	if (facts.size > v->size)
		ask_back(p, disk, &fs);
	fs_close(&fs);
}

/* What was tried for another size, or with other partitions in use, says nothing any more. */
static void compare(struct pass *p, const struct record *disk, struct disk_memory *mem,
		    uint64_t used)
{
	/* A rule may be about what is mounted there. */
	if (mem->used != used || mem->places != p->places) {
		mem->remounted = mem->judged;
		mem->judged = false;
	}
	mem->places = p->places;
	if (mem->capacity == disk->capacity && mem->used == used)
		return;
	/* What could not be told then may be told now. */
	if (mem->doubts)
		mem->judged = false;
	mem->doubts = 0;
	mem->capacity = disk->capacity;
	mem->used = used;
	mem->asked = 0;
}

/* Where the policy cannot be found out, nothing grows unasked. */
static struct rules rules_now(struct pass *p, const struct record *disk, struct disk_memory *mem,
			      char ret_why[POLICY_WHY])
{
	struct policy policy = { .doubtful = true };
	int r = policy_of_disk_within(p->conf, disk->disk, ANSWER_MS, &policy);

	mem->doubts = policy.doubtful ? mem->doubts + 1 : 0;
	if (mem->doubts && mem->doubts <= DOUBTS_MAX)
		again_doubt(mem);

	if (r < 0) {
		snprintf(ret_why, POLICY_WHY, "its policy cannot be found out: %s",
			 r == -ETIMEDOUT ? "it does not answer" : strerror(-r));
		return (struct rules){ .mode = LIVEGROW_MODE_ASK, .limits = record_limits(disk) };
	}
	snprintf(ret_why, POLICY_WHY, "%s", policy.held ? policy.why : "");
	return rules_of(&policy);
}

/*
 * What a narrower limit had left is taken where somebody has changed the rules, and not
 * where a rule means the disk no longer, because something else is mounted.
 */
static uint32_t tail_flag(const struct disk_memory *mem, const struct rules *now,
			  const struct rules *before)
{
	return !mem->remounted && rules_wider(now, before) ? LIVEGROW_FLAG_FREE_TAIL : 0;
}

/* The module's own word on a disk is what holds until it is told another. */
static int rules_tell(struct pass *p, const struct record *disk, struct disk_memory *mem,
		      const struct rules *now)
{
	const struct rules before = rules_told(disk);
	int r;

	mem->permits = tail_flag(mem, now, &before);
	r = deliver(p->lg, disk->disk, now, &before, mem->permits);
	if (r < 0) {
		log_line(LOG_WARNING, "%s: cannot tell the module its policy: %s", disk->disk,
			 lg_why(p->lg, r));
		return r;
	}
	mem->told = true;
	mem->rules = *now;
	/* The look that this leads to is one to wait for, and it may need the content again. */
	mem->asked &= ~(ASKED_POLICY | ASKED_CONTENT);
	ask(p, disk, mem, ASKED_POLICY, 0);
	return 0;
}

static void judge(struct pass *p, struct record *disk, struct disk_memory *mem)
{
	char why[POLICY_WHY];
	struct rules now;
	int r;

	if (mem->judged)
		return;
	mem->judged = true;
	now = rules_now(p, disk, mem, why);
	/* A rollback has set the mode meanwhile, and may be undone. */
	if (mem->told && rules_same(&now, &mem->rules) && now.mode == disk->mode)
		return;
	if (why[0])
		log_line(LOG_WARNING, "%s: mode ask at most: %s", disk->disk, why);
	r = rules_tell(p, disk, mem, &now);
	if (r == 0)
		disk->mode = now.mode;
	else
		/* What the module does not understand it will not understand the next time. */
		mem->judged = r == -EINVAL || r == -EOPNOTSUPP;
}

/* A module that is loaded later waits until the daemon has reported the loss to it. */
static void shrunk_keep(struct pass *p, const struct record *disk, struct disk_memory *mem,
			bool shrunk)
{
	int r = shrunk_put(disk->disk, mem->identity, shrunk);

	mem->shrunk = shrunk;
	if (r == 0)
		r = hold_write(p->conf);
	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot keep that it became smaller: %s", disk->disk,
			 strerror(-r));
}

/* The states that the module gives only to a disk that it has not seen become smaller. */
static bool is_trusted(const struct record *disk)
{
	return disk->state == LIVEGROW_STATE_FULL || disk->state == LIVEGROW_STATE_UNUSED ||
	       disk->state == LIVEGROW_STATE_NO_TABLE;
}

/*
 * A module that is unloaded forgets that a disk lost space that was in use. Returns whether
 * the new module has still to be told so: until then the disk gets no mode.
 */
static bool shrunk_restore(struct pass *p, const struct record *disk, struct disk_memory *mem)
{
	if (!mem->met) {
		mem->met = true;
		mem->shrunk = shrunk_kept(disk->disk, mem->identity, &mem->restoring);
	}
	if (mem->restoring)
		ask(p, disk, mem, ASKED_SHRUNK, LIVEGROW_FLAG_SHRUNK);
	if (mem->restoring && memory_look_runs(mem, disk)) {
		p->news.settled = false;
		return true;
	}
	if (disk->state == LIVEGROW_STATE_SHRUNK && (!mem->shrunk || mem->restoring))
		shrunk_keep(p, disk, mem, true);
	else if (is_trusted(disk) && mem->shrunk)
		shrunk_keep(p, disk, mem, false);
	mem->restoring = false;
	return false;
}

static void volumes_pass(struct pass *p, struct record *disk, const struct volume *volumes,
			 size_t n)
{
	struct disk_memory *mem = memory_disk(p->memory, disk->disk);
	bool again = mem && again_take(mem);

	if (mem) {
		mem->seen = true;
		memory_disk_meet(mem, disk_identity(disk->disk));
		if (again && mem->doubts)
			mem->judged = false;
		compare(p, disk, mem, used_digest(p, volumes, n));
		if (shrunk_restore(p, disk, mem))
			return;
		judge(p, disk, mem);
	}
	if (disk->mode == LIVEGROW_MODE_OFF)
		return;
	if (mem)
		hint(p, disk, mem, again, volumes, n);
	/* In mode ask a person's growctl grow takes the filesystem along. */
	if (disk->mode == LIVEGROW_MODE_AUTO && follow_allowed(disk))
		for (size_t i = 0; i < n; i++)
			fs_follow(p, disk, &volumes[i]);
}

static void disk_pass(struct pass *p, struct record *disk)
{
	struct volume *volumes;
	size_t n;

	p->news.unstored |= disk->backups > 0;
	if (disk->state == LIVEGROW_STATE_UNMANAGED ||
	    volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return;
	volumes_pass(p, disk, volumes, n);
	free(volumes);
}

/**
 * pass() - compare all disks and their filesystems, do what is missing
 * @lg: the connection
 * @memory: what was tried in the passes before
 * @growers: the processes that grow filesystems
 * @conf: what the config says
 * @ret: receives what it saw
 *
 * What fails for one disk is logged and hinders no other.
 *
 * Returns 0 or a negative errno, after which nothing was done.
 */
int pass(struct lg *lg, struct memory *memory, struct growers *growers, const struct conf *conf,
	 struct pass_news *ret)
{
	struct pass p = {
		.lg = lg,
		.memory = memory,
		.growers = growers,
		.conf = conf,
		.news.settled = true,
	};
	struct record *disks;
	size_t n;
	int r;

	r = lg_disk_dump(lg, &disks, &n);
	if (r < 0)
		return r;
	r = mounts_read(&p.mounts);
	if (r < 0)
		goto out;
	again_busy_end(memory);
	if (conf_asks(conf, CONF_MOUNTPOINT))
		p.places = places_digest(&p);
	for (size_t i = 0; i < n; i++)
		disk_pass(&p, &disks[i]);
	memory_fs_sweep(memory);
	memory_disk_sweep(memory);
	mnt_unref_table(p.mounts);
	*ret = p.news;
out:
	free(disks);
	return r;
}
