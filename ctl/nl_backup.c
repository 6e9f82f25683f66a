// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The old tables that the module keeps. Each comes in chunks, one after the
 * other; one of which a chunk is missing or out of place is not handed on.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include <linux/livegrow.h>

#include "nl_backup.h"
#include "record.h"

/* More and larger ones than the module keeps: an array has at most 4 MiB. */
#define BACKUPS_MAX 16
#define BACKUP_BYTES_MAX (8U << 20)

/* Dumps that change on their way are begun anew this often. */
#define DUMP_TRIES 5

/* The last one of the list is whole when @filled is its size. */
struct list {
	const char *disk;
	struct backup *all;
	size_t n, filled;
};

static void drop_unfinished(struct list *list)
{
	if (list->n && list->filled < list->all[list->n - 1].size)
		free(list->all[--list->n].data);
	list->filled = list->n ? list->all[list->n - 1].size : 0;
}

static int begin(struct list *list, const struct record *rec)
{
	struct backup *more, *b;

	drop_unfinished(list);
	if (list->n == BACKUPS_MAX)
		return -E2BIG;
	more = reallocarray(list->all, list->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	list->all = more;
	b = &more[list->n];
	*b = (struct backup){
		.id = rec->backup_id,
		.time = rec->backup_time,
		.lba_size = rec->lba_size,
		.size = rec->backup_size,
		.data = malloc(rec->backup_size),
	};
	if (!b->data)
		return -ENOMEM;
	list->n++;
	list->filled = 0;
	return 0;
}

static bool is_next(const struct list *list, const struct record *rec)
{
	const struct backup *b = list->n ? &list->all[list->n - 1] : NULL;

	return b && b->id == rec->backup_id && b->size == rec->backup_size &&
	       list->filled == rec->backup_offset && list->filled < b->size;
}

static bool is_complete(const struct list *list, const struct record *rec)
{
	return record_has(rec, LIVEGROW_A_DISK) && !strcmp(rec->disk, list->disk) &&
	       record_has(rec, LIVEGROW_A_BACKUP_ID) && record_has(rec, LIVEGROW_A_BACKUP_OFFSET) &&
	       rec->backup_size && rec->backup_size <= BACKUP_BYTES_MAX;
}

static int chunk_read(struct nlmsghdr *nlh, void *arg)
{
	struct list *list = arg;
	struct nlattr *data;
	struct record rec;
	int r = record_parse(nlh, &rec);
	size_t len;

	if (r < 0)
		return r;
	data = nlmsg_find_attr(nlh, GENL_HDRLEN, LIVEGROW_A_BACKUP_DATA);
	if (!data || !is_complete(list, &rec))
		return 0;
	if (!rec.backup_offset)
		r = begin(list, &rec);
	if (r < 0)
		return r;
	len = (size_t)nla_len(data);
	if (!is_next(list, &rec) || len > rec.backup_size - list->filled) {
		drop_unfinished(list);
		return 0;
	}
	memcpy(list->all[list->n - 1].data + list->filled, nla_data(data), len);
	list->filled += len;
	return 0;
}

/** lg_backup_free() - the end of lg_backup_dump(). */
void lg_backup_free(struct backup *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i].data);
	free(list);
}

static int dump_once(struct lg *lg, struct list *list)
{
	struct nl_msg *msg;
	int r;

	r = lg_message(lg, LIVEGROW_CMD_BACKUP_GET, NLM_F_DUMP, &msg);
	if (r < 0)
		return r;
	if (nla_put_string(msg, LIVEGROW_A_DISK, list->disk) < 0) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	r = lg_call(lg, msg, chunk_read, list);
	drop_unfinished(list);
	if (r < 0)
		lg_backup_free(list->all, list->n);
	return r;
}

/**
 * lg_backup_dump() - ask for the old tables of a disk
 * @lg: the connection
 * @disk: its name
 * @ret: receives an array of @ret_n, oldest first; lg_backup_free() it
 * @ret_n: receives their number
 *
 * Returns 0 or a negative errno.
 */
int lg_backup_dump(struct lg *lg, const char *disk, struct backup **ret, size_t *ret_n)
{
	struct list list;
	int r, tries = DUMP_TRIES;

	do {
		list = (struct list){ .disk = disk };
		r = dump_once(lg, &list);
	} while (r == -EINTR && --tries);
	if (r < 0)
		return r;
	*ret = list.all;
	*ret_n = list.n;
	return 0;
}

/**
 * lg_backup_taken() - tell the module that an old table is stored, or cannot be
 * @lg: the connection
 * @disk: the disk's name
 * @id: of the table
 * @err: 0 when it is stored durably, or the negative errno
 *
 * Returns 0 or a negative errno.
 */
int lg_backup_taken(struct lg *lg, const char *disk, uint32_t id, int err)
{
	struct nl_msg *msg;
	int r;

	r = lg_message(lg, LIVEGROW_CMD_BACKUP_TAKEN, 0, &msg);
	if (r < 0)
		return r;
	r = nla_put_string(msg, LIVEGROW_A_DISK, disk);
	r |= nla_put_u32(msg, LIVEGROW_A_BACKUP_ID, id);
	if (err < 0)
		r |= nla_put_u32(msg, LIVEGROW_A_BACKUP_ERRNO, (uint32_t)-err);
	if (r) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	return lg_call(lg, msg, NULL, NULL);
}
