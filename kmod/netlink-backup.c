// SPDX-License-Identifier: GPL-2.0-only
/* Hand replaced tables to userspace, which reports when it has stored them. */
#include <linux/blkdev.h>
#include <net/genetlink.h>

#include "attr.h"
#include "event.h"
#include "netlink.h"
#include "request.h"

/* A chunk with its headers and attributes fits into the smallest buffer of a dump. */
#define CHUNK_SIZE	3072U

/* The place at which the next part of a dump begins; kept in cb->args. */
struct position {
	unsigned long disk;	/* id of the disk */
	unsigned long table;	/* id of the table, or of a later one */
	unsigned long offset;	/* in it, bytes */
};

static struct position *position_of(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct position) > sizeof(cb->args));
	return (void *)cb->args;
}

static_assert(CHUNK_SIZE + 256 <= NLMSG_GOODSIZE, "a chunk and its attributes fit");

static struct nlattr *filter_of(struct netlink_callback *cb)
{
	return genl_info_dump(cb)->attrs[LIVEGROW_A_DISK];
}

static int put_chunk(struct sk_buff *skb, const struct lg_disk *disk,
		     const struct lg_kept *kept, u32 offset, u32 len)
{
	return nla_put_string(skb, LIVEGROW_A_DISK, lg_disk_name(disk)) ?:
	       nla_put_u32(skb, LIVEGROW_A_BACKUP_ID, kept->id) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_BACKUP_TIME, kept->time_ns) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_CAPACITY, kept->capacity) ?:
	       nla_put_u32(skb, LIVEGROW_A_LBA_SIZE, kept->lba_size) ?:
	       nla_put_u32(skb, LIVEGROW_A_BACKUP_SIZE, kept->size) ?:
	       nla_put_u32(skb, LIVEGROW_A_BACKUP_OFFSET, offset) ?:
	       nla_put(skb, LIVEGROW_A_BACKUP_DATA, len, kept->data + offset);
}

static int fill_chunk(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct lg_disk *disk, const struct lg_kept *kept, u32 len)
{
	void *head;

	head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &lg_family,
			   NLM_F_MULTI, LIVEGROW_CMD_BACKUP_GET);
	if (!head)
		return -EMSGSIZE;
	if (put_chunk(skb, disk, kept, position_of(cb)->offset, len)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

static int fill_table(struct sk_buff *skb, struct netlink_callback *cb,
		      const struct lg_disk *disk, const struct lg_kept *kept)
{
	struct position *at = position_of(cb);
	u32 len;
	int err;

	/* The rest of a table that was dropped meanwhile is missing; begin the next one. */
	if (kept->id != at->table)
		at->offset = 0;
	at->table = kept->id;
	while (at->offset < kept->size) {
		len = min_t(u32, CHUNK_SIZE, kept->size - at->offset);
		err = fill_chunk(skb, cb, disk, kept, len);
		if (err)
			return err;
		at->offset += len;
	}
	return 0;
}

static int fill_disk(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct lg_disk *disk)
{
	struct position *at = position_of(cb);
	const struct lg_kept *kept;
	int err;

	if (disk->id != at->disk)
		*at = (struct position){ .disk = disk->id };
	for (kept = lg_keep_from(&disk->keep, at->table); kept;
	     kept = lg_keep_from(&disk->keep, kept->id + 1)) {
		err = fill_table(skb, cb, disk, kept);
		if (err)
			return err;
	}
	return 0;
}

static int fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *name = filter_of(cb);
	struct lg_disk *disk;
	bool full = false;

	mutex_lock(&lg_keep_lock);
	list_for_each_entry(disk, &lg_disks, node) {
		if (disk->id < position_of(cb)->disk ||
		    (name && strcmp(nla_data(name), lg_disk_name(disk))))
			continue;
		full = fill_disk(skb, cb, disk);
		if (full)
			break;
	}
	mutex_unlock(&lg_keep_lock);
	return lg_request_dump_end(skb, full);
}

/* A start callback could refuse as well, but on 6.1 without a text. */
int lg_backup_get(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr *name = filter_of(cb);
	int ret;

	ret = lg_request_permit(cb->skb, cb->extack);
	if (ret)
		return ret;
	mutex_lock(&lg_disks_lock);
	if (!position_of(cb)->disk && name && !lg_disk_find(nla_data(name))) {
		NL_SET_ERR_MSG_ATTR(cb->extack, name, LG_REQUEST_NO_DISK);
		ret = -ENODEV;
	} else {
		ret = fill(skb, cb);
	}
	mutex_unlock(&lg_disks_lock);
	return ret;
}

int lg_backup_taken(struct sk_buff *skb, struct genl_info *info)
{
	const struct lg_event event = { .type = LIVEGROW_EVENT_BACKUP_FAILED };
	u32 error = lg_request_u32(info, LIVEGROW_A_BACKUP_ERRNO);
	struct lg_status status;
	struct lg_disk *disk;
	int err;

	err = lg_request_permit(skb, info->extack);
	if (err)
		return err;
	if (!info->attrs[LIVEGROW_A_BACKUP_ID]) {
		GENL_SET_ERR_MSG(info, "say which old table was stored: BACKUP_ID");
		return -EINVAL;
	}
	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	err = lg_keep_taken(&disk->keep, lg_request_u32(info, LIVEGROW_A_BACKUP_ID), error);
	if (!err && error) {
		status = lg_request_status(disk);
		lg_event_send(disk, &status, &event);
	}
	lg_request_release_disk();
	if (err)
		GENL_SET_ERR_MSG(info, "no such old table is kept: BACKUP_GET lists them");
	return err;
}
