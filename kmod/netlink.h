/* SPDX-License-Identifier: GPL-2.0-only */
/* The generic-netlink family. */
#ifndef LIVEGROW_NETLINK_H
#define LIVEGROW_NETLINK_H

struct genl_family;

extern struct genl_family lg_family;

/**
 * lg_netlink_start() - register the family
 * Return: 0 or a negative errno.
 */
int lg_netlink_start(void);

/** lg_netlink_stop() - unregister it; waits for requests under way. */
void lg_netlink_stop(void);

#endif /* LIVEGROW_NETLINK_H */
