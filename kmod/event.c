// SPDX-License-Identifier: GPL-2.0-only
/* Build events and multicast them. */
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "attr.h"
#include "event.h"
#include "netlink.h"
#include "past.h"

/*
 * Keeps the events in the order of their numbers. lg_keep_lock and the lock of past.c
 * nest inside. Allocations must not wait for a filesystem: it may be frozen while the
 * event of its rollback is sent.
 */
static DEFINE_MUTEX(order);
static u32 sequence;

/* The sequence number and time identify an event. */
struct stamp {
	u32 seq;
	u64 time_ns;
};

static int put_known(struct sk_buff *skb, int attr, u64 value)
{
	return value ? lg_attr_put_u64(skb, attr, value) : 0;
}

static int put_head(struct sk_buff *skb, const struct stamp *stamp,
		    const struct lg_status *status, const struct lg_event *event)
{
	return nla_put_u32(skb, LIVEGROW_A_EVENT, event->type) ?:
	       nla_put_u32(skb, LIVEGROW_A_SEQ, stamp->seq) ?:
	       put_known(skb, LIVEGROW_A_TIME, stamp->time_ns) ?:
	       put_known(skb, LIVEGROW_A_TIME_CHANGED, status->changed_ns) ?:
	       put_known(skb, LIVEGROW_A_TIME_TABLE, status->table_ns) ?:
	       put_known(skb, LIVEGROW_A_TIME_PART, status->part_ns);
}

static int put_change(struct sk_buff *skb, const struct lg_event *event)
{
	int err = 0;

	if (event->type == LIVEGROW_EVENT_SETTLED)
		err = nla_put_u32(skb, LIVEGROW_A_FLAGS, event->flags);
	return err ?:
	       put_known(skb, LIVEGROW_A_OLD_CAPACITY, event->old_capacity) ?:
	       put_known(skb, LIVEGROW_A_PART_OLD_SIZE, event->part_old_size);
}

static int put_report(struct sk_buff *skb, const struct lg_event *event)
{
	int err;

	if (!event->fs_type)
		return 0;
	err = nla_put_string(skb, LIVEGROW_A_FS_TYPE, event->fs_type) ?:
	      lg_attr_put_u64(skb, LIVEGROW_A_FS_OLD_SIZE, event->fs_old_size) ?:
	      lg_attr_put_u64(skb, LIVEGROW_A_FS_SIZE, event->fs_size);
	if (!err && event->fs_text)
		err = nla_put_string(skb, LIVEGROW_A_REASON_TEXT, event->fs_text);
	return err;
}

/* A report has a partition and an errno of its own, which are not the last look's. */
static struct lg_status status_for(const struct lg_status *status,
				   const struct lg_event *event)
{
	struct lg_status told = *status;

	if (!event->fs_type)
		return told;
	if (told.part != event->fs_part) {
		told.part = event->fs_part;
		told.part_size = 0;
	}
	told.reason = LIVEGROW_REASON_NONE;
	told.error = event->fs_errno;
	if (event->fs_errno) {
		told.state = LIVEGROW_STATE_FAILED;
		told.step = LIVEGROW_STEP_FILESYSTEM;
	}
	return told;
}

static int fill(struct sk_buff *skb, const struct stamp *stamp, struct lg_disk *disk,
		const struct lg_status *status, const struct lg_event *event)
{
	const struct lg_status told = status_for(status, event);
	void *head;

	head = genlmsg_put(skb, 0, 0, &lg_family, 0, LIVEGROW_CMD_EVENT);
	if (!head)
		return -EMSGSIZE;
	if (put_head(skb, stamp, &told, event) || lg_attr_put_disk(skb, disk, &told) ||
	    put_change(skb, event) || put_report(skb, event))
		return -EMSGSIZE;
	genlmsg_end(skb, head);
	return 0;
}

/* The end of a look is of no interest later, unless a person had asked for the look. */
static bool is_to_keep(const struct lg_event *event)
{
	return event->type != LIVEGROW_EVENT_SETTLED ||
	       (event->flags & LIVEGROW_FLAG_ASKED && !(event->flags & LIVEGROW_FLAG_DRY_RUN));
}

static struct sk_buff *build(const struct stamp *stamp, struct lg_disk *disk,
			     const struct lg_status *status, const struct lg_event *event)
{
	struct sk_buff *skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_NOFS);

	if (skb && !fill(skb, stamp, disk, status, event))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/*
 * A report's text names a mountpoint, which may be another user's or another mount
 * namespace's. Anybody may listen, so the text is only kept, for privileged requests.
 */
static struct sk_buff *build_and_keep(const struct stamp *stamp, struct lg_disk *disk,
				      const struct lg_status *status,
				      const struct lg_event *event)
{
	struct sk_buff *skb = build(stamp, disk, status, event);
	struct lg_event open = *event;

	if (skb && is_to_keep(event))
		lg_past_keep(skb);
	if (!event->fs_text)
		return skb;
	nlmsg_free(skb);
	open.fs_text = NULL;
	return build(stamp, disk, status, &open);
}

void lg_event_send(struct lg_disk *disk, const struct lg_status *status,
		   const struct lg_event *event)
{
	struct stamp stamp;
	struct sk_buff *skb;

	/* Another disk may have its name by now. */
	if (lg_disk_is_gone(disk))
		return;
	mutex_lock(&order);
	stamp = (struct stamp){ .seq = ++sequence, .time_ns = ktime_get_ns() };
	skb = build_and_keep(&stamp, disk, status, event);
	if (skb)
		genlmsg_multicast(&lg_family, skb, 0, 0, GFP_NOFS);
	else
		/* Each subscriber hears of the loss, as after an overrun, and dumps the disks. */
		genl_set_err(&lg_family, &init_net, 0, 0, -ENOBUFS);
	mutex_unlock(&order);
}
