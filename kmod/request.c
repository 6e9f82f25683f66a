// SPDX-License-Identifier: GPL-2.0-only
/* The common parts of all requests. */
#include <linux/blkdev.h>
#include <linux/capability.h>
#include <net/genetlink.h>

#include "netlink.h"
#include "request.h"

u64 lg_request_u64(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u64(info->attrs[attr]) : 0;
}

u32 lg_request_u32(const struct genl_info *info, int attr)
{
	return info->attrs[attr] ? nla_get_u32(info->attrs[attr]) : 0;
}

bool lg_request_take_u64(const struct genl_info *info, int attr, u64 *value)
{
	if (info->attrs[attr])
		*value = nla_get_u64(info->attrs[attr]);
	return info->attrs[attr];
}

bool lg_request_take_u32(const struct genl_info *info, int attr, u32 *value)
{
	if (info->attrs[attr])
		*value = nla_get_u32(info->attrs[attr]);
	return info->attrs[attr];
}

struct lg_disk *lg_request_hold_disk(struct genl_info *info)
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
	NL_SET_ERR_MSG_ATTR(info->extack, name, LG_REQUEST_NO_DISK);
	return ERR_PTR(-ENODEV);
}

void lg_request_release_disk(void)
{
	mutex_unlock(&lg_disks_lock);
}

int lg_request_permit(const struct sk_buff *skb, struct netlink_ext_ack *extack)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	NL_SET_ERR_MSG(extack, "this request needs CAP_SYS_ADMIN: run it as root");
	return -EPERM;
}

int lg_request_dump_end(const struct sk_buff *skb, bool full)
{
	return full ? skb->len : 0;
}

struct lg_status lg_request_status(struct lg_disk *disk)
{
	struct lg_status status = lg_disk_status(disk);

	/* A disk has no status before its first look, but it has a capacity. */
	if (!status.look || !status.capacity) {
		status.capacity = get_capacity(disk->gendisk) << SECTOR_SHIFT;
		status.lba_size = queue_logical_block_size(disk->gendisk->queue);
	}
	return status;
}

int lg_request_reply_look(struct genl_info *info, u32 look)
{
	struct sk_buff *answer;
	void *head;

	answer = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!answer)
		goto no_memory;
	head = genlmsg_put_reply(answer, info, &lg_family, 0, info->genlhdr->cmd);
	if (!head || nla_put_u32(answer, LIVEGROW_A_LOOK, look))
		goto no_memory;
	genlmsg_end(answer, head);
	return genlmsg_reply(answer, info);

no_memory:
	nlmsg_free(answer);
	GENL_SET_ERR_MSG(info, "no memory for the answer; the look goes on: see its event");
	return -ENOMEM;
}
