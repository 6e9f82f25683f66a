/* SPDX-License-Identifier: GPL-2.0-only */
/* The common parts of all requests. Each refusal sets the extended ack text. */
#ifndef LIVEGROW_REQUEST_H
#define LIVEGROW_REQUEST_H

#include "disk.h"

struct genl_info;
struct netlink_ext_ack;
struct sk_buff;

#define LG_REQUEST_NO_DISK \
	"no such disk: name one of those that a dump lists, without /dev/"

/** lg_request_u64() - an attribute's number, or 0 where there is none. */
u64 lg_request_u64(const struct genl_info *info, int attr);

/** lg_request_u32() - likewise. */
u32 lg_request_u32(const struct genl_info *info, int attr);

/**
 * lg_request_take_u64() - take over an attribute's number, where there is one
 * @info: of the request
 * @attr: one that the request's policy knows
 * @value: set where the attribute is there
 *
 * Return: whether it is.
 */
bool lg_request_take_u64(const struct genl_info *info, int attr, u64 *value);

/** lg_request_take_u32() - likewise. */
bool lg_request_take_u32(const struct genl_info *info, int attr, u32 *value);

/**
 * lg_request_permit() - does the sender have CAP_SYS_ADMIN?
 * @skb: the request
 * @extack: for the refusal's text, or NULL
 *
 * Return: 0 or -EPERM.
 */
int lg_request_permit(const struct sk_buff *skb, struct netlink_ext_ack *extack);

/**
 * lg_request_dump_end() - what a dump's function returns
 * @skb: the part of the answer that it filled
 * @full: whether something is left that did not fit
 *
 * Netlink holds the module from a dump's first part to its last. The last one says
 * so, or it would hold it until the reader has asked for another, empty part, which
 * one that is stopped never does.
 *
 * Return: the length of @skb, or 0 when the dump is complete.
 */
int lg_request_dump_end(const struct sk_buff *skb, bool full);

/**
 * lg_request_hold_disk() - the disk that a request names
 * @info: of the request
 *
 * Context: takes lg_disks_lock, for lg_request_release_disk(), when there is one.
 * Return: the disk, or -EINVAL without a name and -ENODEV for an unknown one.
 */
struct lg_disk *lg_request_hold_disk(struct genl_info *info);

/** lg_request_release_disk() - let go of lg_disks_lock. */
void lg_request_release_disk(void);

/**
 * lg_request_status() - what is known of a disk at this moment
 * @disk: the disk
 *
 * Context: lg_disks_lock held. Return: its status; before the first look no more
 * than its capacity.
 */
struct lg_status lg_request_status(struct lg_disk *disk);

/**
 * lg_request_reply_look() - answer with the number of a look
 * @info: of the request
 * @look: the number
 *
 * Return: 0 or a negative errno.
 */
int lg_request_reply_look(struct genl_info *info, u32 look);

#endif /* LIVEGROW_REQUEST_H */
