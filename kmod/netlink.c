// SPDX-License-Identifier: GPL-2.0-only
/* Requests: include/uapi/linux/livegrow.h is their document. */
#include <linux/blkdev.h>
#include <linux/capability.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "attr.h"
#include "event.h"
#include "netlink.h"
#include "reason.h"

#define FS_TYPE_LEN	31
#define MAX_ERRNO_TOLD	4095

/* Before its first look a disk has no status, but a capacity. */
static struct lg_status status_of(struct lg_disk *disk)
{
	struct lg_status status = lg_disk_status(disk);

	if (!status.look || !status.capacity) {
		status.capacity = get_capacity(disk->gendisk) << SECTOR_SHIFT;
		status.lba_size = queue_logical_block_size(disk->gendisk->queue);
	}
	return status;
}

static int fill_disk(struct sk_buff *skb, u32 portid, u32 seq, int flags,
		     struct lg_disk *disk)
{
	struct lg_status status = status_of(disk);
	void *head;

	head = genlmsg_put(skb, portid, seq, &lg_family, flags, LIVEGROW_CMD_DISK_GET);
	if (!head)
		return -EMSGSIZE;
	if (lg_attr_put_disk(skb, disk, &status)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* The disk that a request names; lg_disks_lock stays held when there is one. */
static struct lg_disk *hold_disk(struct genl_info *info)
{
	struct nlattr *name = info->attrs[LIVEGROW_A_DISK];
	struct lg_disk *disk;

	if (!name) {
		GENL_SET_ERR_MSG(info, "name the disk in LIVEGROW_A_DISK, such as \"vda\"");
		return ERR_PTR(-EINVAL);
	}
	mutex_lock(&lg_disks_lock);
	disk = lg_disk_find(nla_data(name));
	if (disk)
		return disk;
	mutex_unlock(&lg_disks_lock);
	NL_SET_ERR_MSG_ATTR(info->extack, name,
			    "no such disk: name one of those that a dump lists, without /dev/");
	return ERR_PTR(-ENODEV);
}

static void release_disk(void)
{
	mutex_unlock(&lg_disks_lock);
}

static int permit(struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	GENL_SET_ERR_MSG(info, "changing a disk needs CAP_SYS_ADMIN: run this as root");
	return -EPERM;
}

static int get_disk(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *answer;
	struct lg_disk *disk;
	int err;

	disk = hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	err = -ENOMEM;
	answer = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (answer)
		err = fill_disk(answer, info->snd_portid, info->snd_seq, 0, disk);
	release_disk();
	if (!err)
		return genlmsg_reply(answer, info);
	nlmsg_free(answer);
	GENL_SET_ERR_MSG(info, "no memory for the answer: try again");
	return err;
}

static int dump_disks(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lg_disk *disk;

	/* Goes on behind the disk that was the last, be it there or not. */
	mutex_lock(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node) {
		if (disk->id <= cb->args[0] || !get_capacity(disk->gendisk))
			continue;
		if (fill_disk(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			      NLM_F_MULTI, disk))
			break;
		cb->args[0] = disk->id;
	}
	mutex_unlock(&lg_disks_lock);
	return skb->len;
}

static int reply_look(struct genl_info *info, u32 look)
{
	struct sk_buff *answer;
	void *head;

	answer = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!answer)
		goto no_memory;
	head = genlmsg_put_reply(answer, info, &lg_family, 0, LIVEGROW_CMD_DISK_GROW);
	if (!head || nla_put_u32(answer, LIVEGROW_A_LOOK, look))
		goto no_memory;
	genlmsg_end(answer, head);
	return genlmsg_reply(answer, info);

no_memory:
	nlmsg_free(answer);
	GENL_SET_ERR_MSG(info, "no memory for the answer; the look goes on: see its event");
	return -ENOMEM;
}

static int grow_disk(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *attr = info->attrs[LIVEGROW_A_FLAGS];
	struct lg_disk *disk;
	u32 flags = 0, look;
	int err;

	err = permit(skb, info);
	if (err)
		return err;
	if (attr)
		flags = nla_get_u32(attr);
	disk = hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	look = lg_disk_look(disk, flags, 0);
	release_disk();
	return reply_look(info, look);
}

static u64 get_u64(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u64(info->attrs[attr]) : 0;
}

static u32 get_u32(struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

static int report_filesystem(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *type = info->attrs[LIVEGROW_A_FS_TYPE];
	struct nlattr *text = info->attrs[LIVEGROW_A_REASON_TEXT];
	struct lg_event event = {
		.fs_part = get_u32(info, LIVEGROW_A_PART),
		.fs_old_size = get_u64(info, LIVEGROW_A_FS_OLD_SIZE),
		.fs_size = get_u64(info, LIVEGROW_A_FS_SIZE),
		.fs_errno = get_u32(info, LIVEGROW_A_ERRNO),
		.fs_text = text ? nla_data(text) : NULL,
	};
	struct lg_status status;
	struct lg_disk *disk;
	int err;

	err = permit(skb, info);
	if (err)
		return err;
	if (!type || !info->attrs[LIVEGROW_A_FS_OLD_SIZE] || !info->attrs[LIVEGROW_A_FS_SIZE]) {
		GENL_SET_ERR_MSG(info, "a report needs FS_TYPE, FS_OLD_SIZE and FS_SIZE");
		return -EINVAL;
	}
	event.fs_type = nla_data(type);
	event.type = event.fs_errno ? LIVEGROW_EVENT_FAILED : LIVEGROW_EVENT_FILESYSTEM_GROWN;
	disk = hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	status = status_of(disk);
	lg_event_send(disk, &status, &event);
	release_disk();
	return 0;
}

static const struct nla_policy get_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
};

static const struct nla_policy grow_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LIVEGROW_FLAGS_ALL),
};

static const struct nla_policy report_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_PART] = NLA_POLICY_MAX(NLA_U32, DISK_MAX_PARTS),
	[LIVEGROW_A_FS_TYPE] = { .type = NLA_NUL_STRING, .len = FS_TYPE_LEN },
	[LIVEGROW_A_FS_OLD_SIZE] = { .type = NLA_U64 },
	[LIVEGROW_A_FS_SIZE] = { .type = NLA_U64 },
	[LIVEGROW_A_ERRNO] = NLA_POLICY_RANGE(NLA_U32, 0, MAX_ERRNO_TOLD),
	[LIVEGROW_A_REASON_TEXT] = { .type = NLA_NUL_STRING, .len = LG_REASON_SIZE - 1 },
};

static const struct genl_ops ops[] = {
	{
		.cmd = LIVEGROW_CMD_DISK_GET,
		.doit = get_disk,
		.dumpit = dump_disks,
		.policy = get_policy,
		.maxattr = ARRAY_SIZE(get_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_DISK_GROW,
		.doit = grow_disk,
		.policy = grow_policy,
		.maxattr = ARRAY_SIZE(grow_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_FS_REPORT,
		.doit = report_filesystem,
		.policy = report_policy,
		.maxattr = ARRAY_SIZE(report_policy) - 1,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = LIVEGROW_MCGRP_EVENTS },
};

struct genl_family lg_family __ro_after_init = {
	.name = LIVEGROW_FAMILY_NAME,
	.version = LIVEGROW_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,	/* lg_disks_lock serialises what has to be */
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
};

int lg_netlink_start(void)
{
	return genl_register_family(&lg_family);
}

void lg_netlink_stop(void)
{
	genl_unregister_family(&lg_family);
}
