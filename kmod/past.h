/* SPDX-License-Identifier: GPL-2.0-only */
/* The newest events, for programs that did not listen yet. */
#ifndef LIVEGROW_PAST_H
#define LIVEGROW_PAST_H

struct netlink_callback;
struct sk_buff;

/**
 * lg_past_keep() - keep an event, and forget the oldest where there are many
 * @skb: a whole message of the family's, as it is multicast
 *
 * One that there is no memory for is not kept; its number is missing then, as
 * that of an event which was lost.
 *
 * Context: may sleep, waits for no filesystem. Events are kept in the order of the calls.
 */
void lg_past_keep(const struct sk_buff *skb);

/**
 * lg_past_dump() - answer LIVEGROW_CMD_EVENT_GET, oldest first
 * @skb: the answer
 * @cb: of the request
 *
 * Return: what a dump's function returns; -EPERM without CAP_SYS_ADMIN.
 */
int lg_past_dump(struct sk_buff *skb, struct netlink_callback *cb);

/** lg_past_exit() - forget all; no event comes any more, and no request. */
void lg_past_exit(void);

#endif /* LIVEGROW_PAST_H */
