// SPDX-License-Identifier: GPL-2.0-only
/* Answer requests; include/uapi/linux/livegrow.h documents them. */
#include <linux/blkdev.h>
#include <linux/log2.h>
#include <linux/sizes.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "attr.h"
#include "event.h"
#include "netlink.h"
#include "past.h"
#include "reason.h"
#include "request.h"

#define FS_TYPE_LEN	31
#define MAX_ERRNO_TOLD	4095
#define MAX_PER_CENT	99

static int fill_disk(struct sk_buff *skb, u32 portid, u32 seq, int flags,
		     struct lg_disk *disk)
{
	struct lg_status status = lg_request_status(disk);
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

static int get_disk(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *answer;
	struct lg_disk *disk;
	int err;

	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	err = -ENOMEM;
	answer = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_NOFS);
	if (answer)
		err = fill_disk(answer, info->snd_portid, info->snd_seq, 0, disk);
	lg_request_release_disk();
	if (!err)
		return genlmsg_reply(answer, info);
	nlmsg_free(answer);
	GENL_SET_ERR_MSG(info, "no memory for the answer: try again");
	return err;
}

static int dump_disks(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct lg_disk *disk;
	bool full = false;

	/* The last disk of the previous part may have gone: the ids of disks only rise. */
	mutex_lock(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node) {
		if (disk->id <= cb->args[0] || !get_capacity(disk->gendisk))
			continue;
		if (fill_disk(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			      NLM_F_MULTI, disk)) {
			full = true;
			break;
		}
		cb->args[0] = disk->id;
	}
	mutex_unlock(&lg_disks_lock);
	return lg_request_dump_end(skb, full);
}

/* Take over the limits of a growth. Return: whether the request has any. */
static bool take_bounds(const struct genl_info *info, struct lg_limits *limits)
{
	bool max = lg_request_take_u64(info, LIVEGROW_A_PART_MAX, &limits->max);
	bool keep = lg_request_take_u64(info, LIVEGROW_A_KEEP_FREE, &limits->keep_free);
	bool share = lg_request_take_u32(info, LIVEGROW_A_KEEP_PER_CENT, &limits->keep_per_cent);

	return max || keep || share;
}

static int grow_disk(struct sk_buff *skb, struct genl_info *info)
{
	u32 flags = lg_request_u32(info, LIVEGROW_A_FLAGS), look;
	enum livegrow_reason answer = lg_request_u32(info, LIVEGROW_A_REASON);
	struct lg_limits limits = { 0 };
	bool is_limited = take_bounds(info, &limits);
	struct lg_disk *disk;
	int err;

	err = lg_request_permit(skb, info->extack);
	if (err)
		return err;
	if (answer && (flags || is_limited)) {
		GENL_SET_ERR_MSG(info, "REASON cannot be combined with FLAGS or limits");
		return -EINVAL;
	}
	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	if (answer)
		look = lg_disk_answer(disk, answer);
	else if (is_limited)
		err = lg_disk_look_limited(disk, &limits, flags, &look);
	else
		look = lg_disk_look(disk, flags, 0);
	lg_request_release_disk();
	if (!err)
		return lg_request_reply_look(info, look);
	GENL_SET_ERR_MSG(info, "another grow with limits of this disk waits: try again after it");
	return err;
}

static bool has_any(const struct genl_info *info, const int *attrs, size_t n)
{
	while (n--)
		if (info->attrs[attrs[n]])
			return true;
	return false;
}

static bool is_alignment(u32 align)
{
	return !align || (is_power_of_2(align) && align >= SZ_512 && align <= SZ_1G);
}

/* Check what the request's policy cannot express. */
static int check_set(const struct genl_info *info)
{
	static const int settings[] = {
		LIVEGROW_A_MODE, LIVEGROW_A_PART_MAX, LIVEGROW_A_KEEP_FREE,
		LIVEGROW_A_KEEP_PER_CENT, LIVEGROW_A_MIN_STEP, LIVEGROW_A_ALIGN,
	};
	struct nlattr *align = info->attrs[LIVEGROW_A_ALIGN];

	if (!has_any(info, settings, ARRAY_SIZE(settings))) {
		GENL_SET_ERR_MSG(info, "say what is to hold for the disk: MODE or a limit");
		return -EINVAL;
	}
	if (!align || is_alignment(nla_get_u32(align)))
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, align, "ALIGN is a power of two from 512 to 1 GiB, or 0");
	return -EINVAL;
}

static void set_rule(const struct genl_info *info, struct lg_disk *disk)
{
	enum livegrow_mode mode = lg_request_u32(info, LIVEGROW_A_MODE);
	struct lg_limits limits = lg_disk_rule(disk).limits;

	take_bounds(info, &limits);
	lg_request_take_u64(info, LIVEGROW_A_MIN_STEP, &limits.min_step);
	lg_request_take_u32(info, LIVEGROW_A_ALIGN, &limits.align);
	lg_disk_set_rule(disk, info->attrs[LIVEGROW_A_MODE] ? &mode : NULL, &limits);
	lg_disk_look(disk, lg_request_u32(info, LIVEGROW_A_FLAGS), 0);
}

static int set_disk(struct sk_buff *skb, struct genl_info *info)
{
	struct lg_disk *disk;
	int err;

	err = lg_request_permit(skb, info->extack);
	if (err)
		return err;
	err = check_set(info);
	if (err)
		return err;
	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	set_rule(info, disk);
	lg_request_release_disk();
	return 0;
}

static int order_rollback(struct genl_info *info, const struct lg_rollback *order, u32 *ret_look)
{
	u32 flags = lg_request_u32(info, LIVEGROW_A_FLAGS);
	struct lg_disk *disk;
	int err;

	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	err = lg_disk_rollback(disk, order, flags, ret_look);
	lg_request_release_disk();
	if (err)
		GENL_SET_ERR_MSG(info, "another rollback of this disk waits: try again after it");
	return err;
}

static int roll_back_disk(struct sk_buff *skb, struct genl_info *info)
{
	const struct lg_rollback order = {
		.part = lg_request_u32(info, LIVEGROW_A_PART),
		.start = lg_request_u64(info, LIVEGROW_A_PART_START),
		.size = lg_request_u64(info, LIVEGROW_A_PART_SIZE),
	};
	u32 look;
	int err;

	err = lg_request_permit(skb, info->extack);
	if (err)
		return err;
	if (!info->attrs[LIVEGROW_A_PART] || !info->attrs[LIVEGROW_A_PART_START] ||
	    !info->attrs[LIVEGROW_A_PART_SIZE]) {
		GENL_SET_ERR_MSG(info, "a rollback needs PART, PART_START and PART_SIZE");
		return -EINVAL;
	}
	err = order_rollback(info, &order, &look);
	return err ?: lg_request_reply_look(info, look);
}

static int report_filesystem(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *type = info->attrs[LIVEGROW_A_FS_TYPE];
	struct nlattr *text = info->attrs[LIVEGROW_A_REASON_TEXT];
	struct lg_event event = {
		.fs_part = lg_request_u32(info, LIVEGROW_A_PART),
		.fs_old_size = lg_request_u64(info, LIVEGROW_A_FS_OLD_SIZE),
		.fs_size = lg_request_u64(info, LIVEGROW_A_FS_SIZE),
		.fs_errno = lg_request_u32(info, LIVEGROW_A_ERRNO),
		.fs_text = text ? nla_data(text) : NULL,
	};
	struct lg_status status;
	struct lg_disk *disk;
	int err;

	err = lg_request_permit(skb, info->extack);
	if (err)
		return err;
	if (!type || !info->attrs[LIVEGROW_A_FS_OLD_SIZE] || !info->attrs[LIVEGROW_A_FS_SIZE]) {
		GENL_SET_ERR_MSG(info, "a report needs FS_TYPE, FS_OLD_SIZE and FS_SIZE");
		return -EINVAL;
	}
	event.fs_type = nla_data(type);
	event.type = event.fs_errno ? LIVEGROW_EVENT_FAILED : LIVEGROW_EVENT_FILESYSTEM_GROWN;
	disk = lg_request_hold_disk(info);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	status = lg_request_status(disk);
	lg_event_send(disk, &status, &event);
	lg_request_release_disk();
	return 0;
}

static const struct nla_policy get_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
};

static const struct nla_policy grow_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LIVEGROW_FLAGS_ALL),
	[LIVEGROW_A_REASON] = NLA_POLICY_RANGE(NLA_U32, LIVEGROW_REASON_PART_CLOSED,
					       LIVEGROW_REASON_PART_UNKNOWN),
	[LIVEGROW_A_PART_MAX] = { .type = NLA_U64 },
	[LIVEGROW_A_KEEP_FREE] = { .type = NLA_U64 },
	[LIVEGROW_A_KEEP_PER_CENT] = NLA_POLICY_MAX(NLA_U32, MAX_PER_CENT),
};

static const struct nla_policy disk_set_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_MODE] = NLA_POLICY_MAX(NLA_U32, LIVEGROW_MODE_OFF),
	[LIVEGROW_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LIVEGROW_FLAG_FREE_TAIL),
	[LIVEGROW_A_PART_MAX] = { .type = NLA_U64 },
	[LIVEGROW_A_KEEP_FREE] = { .type = NLA_U64 },
	[LIVEGROW_A_KEEP_PER_CENT] = NLA_POLICY_MAX(NLA_U32, MAX_PER_CENT),
	[LIVEGROW_A_MIN_STEP] = { .type = NLA_U64 },
	[LIVEGROW_A_ALIGN] = { .type = NLA_U32 },
};

static const struct nla_policy rollback_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_PART] = NLA_POLICY_RANGE(NLA_U32, 1, DISK_MAX_PARTS),
	[LIVEGROW_A_PART_START] = { .type = NLA_U64 },
	[LIVEGROW_A_PART_SIZE] = { .type = NLA_U64 },
	[LIVEGROW_A_FLAGS] = NLA_POLICY_MASK(NLA_U32, LIVEGROW_FLAG_DRY_RUN),
};

static const struct nla_policy taken_policy[] = {
	[LIVEGROW_A_DISK] = { .type = NLA_NUL_STRING, .len = DISK_NAME_LEN - 1 },
	[LIVEGROW_A_BACKUP_ID] = { .type = NLA_U32 },
	[LIVEGROW_A_BACKUP_ERRNO] = NLA_POLICY_RANGE(NLA_U32, 0, MAX_ERRNO_TOLD),
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

/* An operation without a policy would accept any attribute. */
static const struct nla_policy no_policy[] = {
	[LIVEGROW_A_UNSPEC] = { .type = NLA_REJECT },
	[LIVEGROW_A_PAD] = { .type = NLA_REJECT },
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
		.cmd = LIVEGROW_CMD_DISK_SET,
		.doit = set_disk,
		.policy = disk_set_policy,
		.maxattr = ARRAY_SIZE(disk_set_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_DISK_ROLLBACK,
		.doit = roll_back_disk,
		.policy = rollback_policy,
		.maxattr = ARRAY_SIZE(rollback_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_BACKUP_GET,
		.dumpit = lg_backup_get,
		.policy = get_policy,
		.maxattr = ARRAY_SIZE(get_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_BACKUP_TAKEN,
		.doit = lg_backup_taken,
		.policy = taken_policy,
		.maxattr = ARRAY_SIZE(taken_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_FS_REPORT,
		.doit = report_filesystem,
		.policy = report_policy,
		.maxattr = ARRAY_SIZE(report_policy) - 1,
	},
	{
		.cmd = LIVEGROW_CMD_EVENT_GET,
		.dumpit = lg_past_dump,
		.policy = no_policy,
		.maxattr = ARRAY_SIZE(no_policy) - 1,
	},
};

static const struct genl_multicast_group groups[] = {
	{ .name = LIVEGROW_MCGRP_EVENTS },
};

struct genl_family lg_family __ro_after_init = {
	.name = LIVEGROW_FAMILY_NAME,
	.version = LIVEGROW_FAMILY_VERSION,
	.module = THIS_MODULE,
	.parallel_ops = true,	/* handlers take lg_disks_lock where they need it */
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
	lg_past_exit();
}
