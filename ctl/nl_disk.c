// SPDX-License-Identifier: GPL-2.0-or-later
/* The requests that the module knows. */

#include <errno.h>
#include <stdlib.h>

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <linux/livegrow.h>

#include "nl_disk.h"

/* More disks than a guest can have; what comes beyond is not believed. */
#define DISKS_MAX 65536

/* Dumps that change on their way are begun anew this often. */
#define DUMP_TRIES 5

struct list {
	struct record *records;
	size_t n;
};

static int one_read(struct nlmsghdr *nlh, void *arg)
{
	return record_parse(nlh, arg);
}

static int list_read(struct nlmsghdr *nlh, void *arg)
{
	struct list *list = arg;
	struct record *more;
	int r;

	if (list->n == DISKS_MAX)
		return -E2BIG;
	more = reallocarray(list->records, list->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	list->records = more;
	r = record_parse(nlh, &more[list->n]);
	if (r < 0)
		return r;
	if (record_has(&more[list->n], LIVEGROW_A_DISK))
		list->n++;
	return 0;
}

static int disk_message(struct lg *lg, int cmd, const char *name, struct nl_msg **ret)
{
	struct nl_msg *msg;
	int r = lg_message(lg, cmd, 0, &msg);

	if (r < 0)
		return r;
	if (nla_put_string(msg, LIVEGROW_A_DISK, name) < 0) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	*ret = msg;
	return 0;
}

/**
 * lg_disk_get() - ask for one disk
 * @lg: the connection
 * @name: of the disk
 * @ret: receives its attributes
 *
 * Returns 0, -ENODEV when there is no such disk, or another negative errno.
 */
int lg_disk_get(struct lg *lg, const char *name, struct record *ret)
{
	struct record rec = { 0 };
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_DISK_GET, name, &msg);
	if (r < 0)
		return r;
	r = lg_call(lg, msg, one_read, &rec);
	if (r < 0)
		return r;
	if (!record_has(&rec, LIVEGROW_A_DISK))
		return -EBADMSG;
	*ret = rec;
	return 0;
}

static int dump_once(struct lg *lg, struct list *list)
{
	struct nl_msg *msg;
	int r;

	r = lg_message(lg, LIVEGROW_CMD_DISK_GET, NLM_F_DUMP, &msg);
	if (r < 0)
		return r;
	r = lg_call(lg, msg, list_read, list);
	if (r < 0)
		free(list->records);
	return r;
}

/**
 * lg_disk_dump() - ask for all disks
 * @lg: the connection
 * @ret: receives an array of @ret_n records; free() it
 * @ret_n: receives their number
 *
 * Returns 0 or a negative errno.
 */
int lg_disk_dump(struct lg *lg, struct record **ret, size_t *ret_n)
{
	struct list list;
	int r, tries = DUMP_TRIES;

	do {
		list = (struct list){ 0 };
		r = dump_once(lg, &list);
	} while (r == -EINTR && --tries);
	if (r < 0)
		return r;
	*ret = list.records;
	*ret_n = list.n;
	return 0;
}

/* Sends a request that a look serves. */
static int look_call(struct lg *lg, struct nl_msg *msg, uint32_t *ret_look)
{
	struct record rec = { 0 };
	int r = lg_call(lg, msg, one_read, &rec);

	if (r < 0)
		return r;
	if (!record_has(&rec, LIVEGROW_A_LOOK))
		return -EBADMSG;
	*ret_look = rec.look;
	return 0;
}

static int bounds_put(struct nl_msg *msg, const struct lg_limits *bounds)
{
	int r = nla_put_u64(msg, LIVEGROW_A_PART_MAX, bounds->max);

	r |= nla_put_u64(msg, LIVEGROW_A_KEEP_FREE, bounds->keep_free);
	return r | nla_put_u32(msg, LIVEGROW_A_KEEP_PER_CENT, bounds->keep_per_cent);
}

/**
 * lg_disk_grow() - ask for a look at a disk
 * @lg: the connection
 * @name: of the disk
 * @flags: enum livegrow_flags
 * @bounds: max and what is kept free, for this once in place of the disk's; or NULL
 * @ret_look: receives the number of the look that serves it
 *
 * Returns 0 as soon as the look is queued, or a negative errno: -EBUSY where
 * another one with bounds waits.
 */
int lg_disk_grow(struct lg *lg, const char *name, uint32_t flags, const struct lg_limits *bounds,
		 uint32_t *ret_look)
{
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_DISK_GROW, name, &msg);
	if (r < 0)
		return r;
	r = flags ? nla_put_u32(msg, LIVEGROW_A_FLAGS, flags) : 0;
	if (bounds)
		r |= bounds_put(msg, bounds);
	if (r) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return look_call(lg, msg, ret_look);
}

/**
 * lg_disk_answer() - report to the module why a disk's last partition must not grow
 * @lg: the connection
 * @name: of the disk
 * @reason: LIVEGROW_REASON_PART_UNKNOWN, _PART_CLOSED or _MOUNTED_READ_ONLY
 * @ret_look: receives the number of the look that takes the answer
 *
 * Returns 0 as soon as the look is queued, or a negative errno.
 */
int lg_disk_answer(struct lg *lg, const char *name, uint32_t reason, uint32_t *ret_look)
{
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_DISK_GROW, name, &msg);
	if (r < 0)
		return r;
	if (nla_put_u32(msg, LIVEGROW_A_REASON, reason)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return look_call(lg, msg, ret_look);
}

static int limits_put(struct nl_msg *msg, const struct lg_limits *limits)
{
	int r = bounds_put(msg, limits);

	r |= nla_put_u64(msg, LIVEGROW_A_MIN_STEP, limits->min_step);
	return r | nla_put_u32(msg, LIVEGROW_A_ALIGN, limits->align);
}

/**
 * lg_disk_set() - set what holds for a disk
 * @lg: the connection
 * @name: of the disk
 * @mode: enum livegrow_mode
 * @limits: how far its last partition may grow; or NULL: as it is
 * @flags: LIVEGROW_FLAG_FREE_TAIL where that is further than what had left a tail, or 0
 *
 * Returns 0 or a negative errno.
 */
int lg_disk_set(struct lg *lg, const char *name, uint32_t mode, const struct lg_limits *limits,
		uint32_t flags)
{
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_DISK_SET, name, &msg);
	if (r < 0)
		return r;
	r = nla_put_u32(msg, LIVEGROW_A_MODE, mode);
	if (limits)
		r |= limits_put(msg, limits);
	if (flags)
		r |= nla_put_u32(msg, LIVEGROW_A_FLAGS, flags);
	if (r) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return lg_call(lg, msg, NULL, NULL);
}

/**
 * lg_disk_rollback() - ask for the last partition's old size
 * @lg: the connection
 * @name: of the disk
 * @back: what to go back to
 * @flags: LIVEGROW_FLAG_DRY_RUN or 0
 * @ret_look: receives the number of the look that serves it
 *
 * Returns 0 as soon as the look is queued, or a negative errno.
 */
int lg_disk_rollback(struct lg *lg, const char *name, const struct rollback *back, uint32_t flags,
		     uint32_t *ret_look)
{
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_DISK_ROLLBACK, name, &msg);
	if (r < 0)
		return r;
	r = nla_put_u32(msg, LIVEGROW_A_PART, back->number);
	r |= nla_put_u64(msg, LIVEGROW_A_PART_START, back->start);
	r |= nla_put_u64(msg, LIVEGROW_A_PART_SIZE, back->size);
	if (flags)
		r |= nla_put_u32(msg, LIVEGROW_A_FLAGS, flags);
	if (r) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return look_call(lg, msg, ret_look);
}

static int report_put(struct nl_msg *msg, const struct fs_report *report)
{
	int r = 0;

	if (report->number)
		r |= nla_put_u32(msg, LIVEGROW_A_PART, report->number);
	r |= nla_put_string(msg, LIVEGROW_A_FS_TYPE, report->type);
	r |= nla_put_u64(msg, LIVEGROW_A_FS_OLD_SIZE, report->old_size);
	r |= nla_put_u64(msg, LIVEGROW_A_FS_SIZE, report->size);
	if (report->err < 0) {
		r |= nla_put_u32(msg, LIVEGROW_A_ERRNO, (uint32_t)-report->err);
		r |= nla_put_string(msg, LIVEGROW_A_REASON_TEXT, report->why);
	}
	return r ? -EMSGSIZE : 0;
}

/**
 * lg_fs_report() - tell the module, and so everybody, about a filesystem
 * @lg: the connection
 * @report: what was done
 *
 * Returns 0 or a negative errno.
 */
int lg_fs_report(struct lg *lg, const struct fs_report *report)
{
	struct nl_msg *msg;
	int r;

	r = disk_message(lg, LIVEGROW_CMD_FS_REPORT, report->disk, &msg);
	if (r < 0)
		return r;
	r = report_put(msg, report);
	if (r < 0) {
		nlmsg_free(msg);
		return r;
	}
	return lg_call(lg, msg, NULL, NULL);
}
