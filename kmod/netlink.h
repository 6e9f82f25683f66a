/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic-netlink family. */
#ifndef LIVEGROW_NETLINK_H
#define LIVEGROW_NETLINK_H

struct genl_family;
struct genl_info;
struct netlink_callback;
struct sk_buff;

extern struct genl_family lg_family;

/**
 * lg_netlink_start() - register the family
 * Return: 0 or a negative errno.
 */
int lg_netlink_start(void);

/** lg_netlink_stop() - unregister it; waits for requests under way. */
void lg_netlink_stop(void);

/* LIVEGROW_CMD_BACKUP_GET and LIVEGROW_CMD_BACKUP_TAKEN */
int lg_backup_get(struct sk_buff *skb, struct netlink_callback *cb);
int lg_backup_taken(struct sk_buff *skb, struct genl_info *info);

#endif /* LIVEGROW_NETLINK_H */
