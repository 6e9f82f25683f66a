/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic-netlink family. */
#ifndef LIVEGROW_NETLINK_H
#define LIVEGROW_NETLINK_H

struct lg_disk;
struct lg_status;
struct genl_family;
struct sk_buff;

extern struct genl_family lg_family;

/**
 * lg_netlink_start() - register the family
 * Return: 0 or a negative errno.
 */
int lg_netlink_start(void);

/** lg_netlink_stop() - unregister it; waits for requests under way. */
void lg_netlink_stop(void);

/**
 * lg_netlink_put_disk() - add a disk's attributes to a message
 * @skb: the message
 * @disk: the disk
 * @status: its status
 *
 * Return: 0 or -EMSGSIZE.
 */
int lg_netlink_put_disk(struct sk_buff *skb, const struct lg_disk *disk,
			const struct lg_status *status);

#endif /* LIVEGROW_NETLINK_H */
