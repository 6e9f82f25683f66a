// SPDX-License-Identifier: GPL-2.0-only
/* The attributes of a disk, in answers and in events. */
#include <net/netlink.h>

#include "attr.h"
#include "reason.h"

int lg_attr_put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, LIVEGROW_A_PAD);
}

static int put_u64_not_0(struct sk_buff *skb, int attr, u64 value)
{
	return value ? lg_attr_put_u64(skb, attr, value) : 0;
}

static int put_u32_not_0(struct sk_buff *skb, int attr, u32 value)
{
	return value ? nla_put_u32(skb, attr, value) : 0;
}

static int put_reason(struct sk_buff *skb, const struct lg_disk *disk,
		      const struct lg_status *status)
{
	char text[LG_REASON_SIZE];

	if (nla_put_u32(skb, LIVEGROW_A_REASON, status->reason))
		return -EMSGSIZE;
	lg_reason_text(disk, status, text, sizeof(text));
	if (text[0] && nla_put_string(skb, LIVEGROW_A_REASON_TEXT, text))
		return -EMSGSIZE;
	/* A report can be of a success although the disk's last look failed. */
	if (status->state != LIVEGROW_STATE_FAILED || !status->error)
		return 0;
	return nla_put_u32(skb, LIVEGROW_A_STEP, status->step) ?:
	       nla_put_u32(skb, LIVEGROW_A_ERRNO, status->error);
}

static int put_part(struct sk_buff *skb, const struct lg_status *status)
{
	if (!status->part)
		return 0;
	if (nla_put_u32(skb, LIVEGROW_A_PART, status->part))
		return -EMSGSIZE;
	/* No look has been at a partition that only a report names. */
	if (!status->part_size)
		return 0;
	return lg_attr_put_u64(skb, LIVEGROW_A_PART_START, status->part_start) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_PART_SIZE, status->part_size) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_PART_REACH, status->part_reach) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_FREE_TAIL, status->free_tail) ?:
	       put_u32_not_0(skb, LIVEGROW_A_PART_HELD, status->part_held);
}

static int put_kept(struct sk_buff *skb, const struct lg_keep *keep)
{
	u32 nr, error;

	mutex_lock(&lg_keep_lock);
	nr = keep->nr;
	error = keep->error;
	mutex_unlock(&lg_keep_lock);
	return put_u32_not_0(skb, LIVEGROW_A_BACKUPS, nr) ?:
	       put_u32_not_0(skb, LIVEGROW_A_BACKUP_ERRNO, error);
}

static int put_limits(struct sk_buff *skb, const struct lg_limits *limits)
{
	return put_u64_not_0(skb, LIVEGROW_A_PART_MAX, limits->max) ?:
	       put_u64_not_0(skb, LIVEGROW_A_KEEP_FREE, limits->keep_free) ?:
	       put_u32_not_0(skb, LIVEGROW_A_KEEP_PER_CENT, limits->keep_per_cent) ?:
	       put_u64_not_0(skb, LIVEGROW_A_MIN_STEP, limits->min_step) ?:
	       put_u32_not_0(skb, LIVEGROW_A_ALIGN, limits->align);
}

int lg_attr_put_disk(struct sk_buff *skb, struct lg_disk *disk,
		     const struct lg_status *status)
{
	const struct lg_rule rule = lg_disk_rule(disk);

	return nla_put_string(skb, LIVEGROW_A_DISK, lg_disk_name(disk)) ?:
	       nla_put_string(skb, LIVEGROW_A_DRIVER, lg_disk_driver(disk)) ?:
	       lg_attr_put_u64(skb, LIVEGROW_A_CAPACITY, status->capacity) ?:
	       nla_put_u32(skb, LIVEGROW_A_LBA_SIZE, status->lba_size) ?:
	       nla_put_u32(skb, LIVEGROW_A_MODE, rule.mode) ?:
	       put_limits(skb, &rule.limits) ?:
	       nla_put_u32(skb, LIVEGROW_A_STATE, status->state) ?:
	       nla_put_u32(skb, LIVEGROW_A_LOOK, status->look) ?:
	       put_reason(skb, disk, status) ?: put_part(skb, status) ?:
	       put_kept(skb, &disk->keep);
}
