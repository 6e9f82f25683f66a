// SPDX-License-Identifier: GPL-2.0-only
/* Keep the newest events for later requests. */
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <net/genetlink.h>
#include <linux/livegrow.h>

#include "netlink.h"
#include "past.h"
#include "request.h"

/* Enough for the boot of a guest with some disks, or for months of one disk. */
#define PAST_MAX	64UL

struct past {
	void *attrs;
	int len;
};

/* Guards the ring. No other lock is taken inside. */
static DEFINE_MUTEX(lock);
static struct past ring[PAST_MAX];
static unsigned long nr_kept;	/* since the module was loaded */

static struct past *place_of(unsigned long i)
{
	return &ring[i % PAST_MAX];
}

void lg_past_keep(const struct sk_buff *skb)
{
	const struct genlmsghdr *head = nlmsg_data(nlmsg_hdr(skb));
	int len = genlmsg_len(head);
	struct past *place;
	void *attrs;

	attrs = kmemdup(genlmsg_data(head), len, GFP_NOFS);
	if (!attrs)
		return;
	mutex_lock(&lock);
	place = place_of(nr_kept++);
	kfree(place->attrs);
	*place = (struct past){ .attrs = attrs, .len = len };
	mutex_unlock(&lock);
}

static int put(struct sk_buff *skb, struct netlink_callback *cb, const struct past *past)
{
	void *head;

	head = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, &lg_family,
			   NLM_F_MULTI, LIVEGROW_CMD_EVENT_GET);
	if (!head)
		return -EMSGSIZE;
	if (nla_append(skb, past->len, past->attrs)) {
		genlmsg_cancel(skb, head);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, head);
	return 0;
}

/* A dump leaves out events that are dropped between two of its parts. */
int lg_past_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	unsigned long i, first;
	bool full;
	int err;

	/* Texts name mountpoints, and a reader that stops in a dump holds the module. */
	err = lg_request_permit(cb->skb, cb->extack);
	if (err)
		return err;
	mutex_lock(&lock);
	first = nr_kept - min(nr_kept, PAST_MAX);
	for (i = max_t(unsigned long, cb->args[0], first); i < nr_kept; i++)
		if (put(skb, cb, place_of(i)))
			break;
	cb->args[0] = i;
	full = i < nr_kept;
	mutex_unlock(&lock);
	return lg_request_dump_end(skb, full);
}

void lg_past_exit(void)
{
	unsigned long i;

	for (i = 0; i < PAST_MAX; i++) {
		kfree(ring[i].attrs);
		ring[i].attrs = NULL;
	}
	nr_kept = 0;
}
