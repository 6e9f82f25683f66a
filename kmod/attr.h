/* SPDX-License-Identifier: GPL-2.0-only */
/* The attributes of a disk, in answers and in events. */
#ifndef LIVEGROW_ATTR_H
#define LIVEGROW_ATTR_H

#include "disk.h"

struct sk_buff;

/**
 * lg_attr_put_u64() - add a number to a message
 * @skb: the message
 * @attr: enum livegrow_attr
 * @value: the number
 *
 * Return: 0 or -EMSGSIZE.
 */
int lg_attr_put_u64(struct sk_buff *skb, int attr, u64 value);

/**
 * lg_attr_put_disk() - add a disk's attributes to a message
 * @skb: the message
 * @disk: the disk
 * @status: its status
 *
 * Context: takes lg_keep_lock. Return: 0 or -EMSGSIZE.
 */
int lg_attr_put_disk(struct sk_buff *skb, struct lg_disk *disk,
		     const struct lg_status *status);

#endif /* LIVEGROW_ATTR_H */
