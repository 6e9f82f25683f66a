/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small raw generic-netlink client for the family "livegrow". No library: it
 * is static, and it has to be able to send what no library would.
 */
#ifndef LIVEGROW_TEST_GENL_H
#define LIVEGROW_TEST_GENL_H

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/livegrow.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GENL_BUFFER 32768
#define GENL_TEXT 256
#define GENL_PATIENCE_MS 5000

struct genl {
	int fd;
	uint32_t seq;
	uint16_t family; /* 0: the module is not loaded */
	uint32_t group; /* id of the multicast group "events" */
};

struct message {
	struct nlmsghdr head;
	struct genlmsghdr genl;
	char attrs[4096];
};

/* How the kernel answered; the text is empty where it said none. */
struct verdict {
	int error; /* 0 or a negative errno */
	char text[GENL_TEXT];
};

typedef void (*genl_fn)(const struct nlattr *attrs, size_t len, void *arg);

#define GENL_ATTR_DATA(attr) ((const char *)(attr) + NLA_HDRLEN)

static inline const struct nlattr *genl_find(const struct nlattr *attr, size_t len, int type)
{
	while (len >= NLA_HDRLEN && attr->nla_len >= NLA_HDRLEN && attr->nla_len <= len) {
		size_t step = NLA_ALIGN(attr->nla_len);

		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		if (step > len)
			break;
		attr = (const struct nlattr *)((const char *)attr + step);
		len -= step;
	}
	return NULL;
}

static inline uint32_t genl_u32(const struct nlattr *attrs, size_t len, int type)
{
	const struct nlattr *attr = genl_find(attrs, len, type);
	uint32_t value = 0;

	if (attr)
		memcpy(&value, GENL_ATTR_DATA(attr), sizeof(value));
	return value;
}

static inline void genl_begin(struct message *msg, uint16_t family, uint8_t cmd, uint16_t flags)
{
	memset(msg, 0, sizeof(*msg));
	msg->head.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
	msg->head.nlmsg_type = family;
	msg->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	msg->genl.cmd = cmd;
	msg->genl.version = 1;
}

static inline void genl_put(struct message *msg, uint16_t type, const void *data, size_t len)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + len, .nla_type = type };
	char *at = (char *)msg + NLMSG_ALIGN(msg->head.nlmsg_len);

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, len);
	msg->head.nlmsg_len = NLMSG_ALIGN(msg->head.nlmsg_len) + NLA_ALIGN(attr.nla_len);
}

static inline int genl_send(struct genl *genl, struct message *msg)
{
	msg->head.nlmsg_seq = ++genl->seq;
	return send(genl->fd, msg, msg->head.nlmsg_len, 0) < 0 ? -errno : 0;
}

/* The extended ack of an NLMSG_ERROR or, after a dump, of an NLMSG_DONE. */
static inline void genl_take_verdict(const struct nlmsghdr *head, struct verdict *verdict)
{
	size_t skip = head->nlmsg_type == NLMSG_ERROR ? sizeof(struct nlmsgerr) : sizeof(int);
	const struct nlmsgerr *err = NLMSG_DATA(head);
	const struct nlattr *text = NULL;

	memset(verdict, 0, sizeof(*verdict));
	memcpy(&verdict->error, NLMSG_DATA(head), sizeof(int));
	if (head->nlmsg_type == NLMSG_ERROR && !(head->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - NLMSG_HDRLEN;
	skip = NLMSG_ALIGN(skip);
	if (head->nlmsg_flags & NLM_F_ACK_TLVS && head->nlmsg_len > NLMSG_HDRLEN + skip)
		text = genl_find((const void *)((const char *)NLMSG_DATA(head) + skip),
				 head->nlmsg_len - NLMSG_HDRLEN - skip, NLMSGERR_ATTR_MSG);
	if (text)
		snprintf(verdict->text, sizeof(verdict->text), "%s", GENL_ATTR_DATA(text));
}

/* Return: true when that was the answer's last message. */
static inline bool genl_take(const struct genl *genl, const struct nlmsghdr *head, genl_fn fn,
			     void *arg, struct verdict *verdict)
{
	const char *attrs = (const char *)NLMSG_DATA(head) + GENL_HDRLEN;

	if (head->nlmsg_seq != genl->seq)
		return false;
	if (head->nlmsg_type == NLMSG_ERROR || head->nlmsg_type == NLMSG_DONE) {
		genl_take_verdict(head, verdict);
		return true;
	}
	if (fn)
		fn((const void *)attrs, head->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, arg);
	return false;
}

/* Return: bytes received, 0 after the patience. */
static inline int genl_receive(const struct genl *genl, char *buffer, int patience_ms)
{
	struct pollfd fd = { .fd = genl->fd, .events = POLLIN };
	ssize_t len;

	if (poll(&fd, 1, patience_ms) <= 0)
		return 0;
	len = recv(genl->fd, buffer, GENL_BUFFER, 0);
	return len < 0 ? 0 : (int)len;
}

/* Hands the answers to the newest request to @fn; -ETIMEDOUT when there is no end of them. */
static inline struct verdict genl_hear(const struct genl *genl, genl_fn fn, void *arg)
{
	static char buffer[GENL_BUFFER] __attribute__((aligned(8)));
	struct verdict verdict = { 0 };
	const struct nlmsghdr *head;
	int len;

	while ((len = genl_receive(genl, buffer, GENL_PATIENCE_MS)))
		for (head = (void *)buffer; NLMSG_OK(head, (unsigned int)len);
		     head = NLMSG_NEXT(head, len))
			if (genl_take(genl, head, fn, arg, &verdict))
				return verdict;
	verdict.error = -ETIMEDOUT;
	return verdict;
}

/* Sends a request and hears its answers. */
static inline struct verdict genl_ask(struct genl *genl, struct message *msg, genl_fn fn, void *arg)
{
	const struct verdict unsent = { .error = genl_send(genl, msg) };

	return unsent.error ? unsent : genl_hear(genl, fn, arg);
}

static inline void genl_take_family(const struct nlattr *attrs, size_t len, void *arg)
{
	const struct nlattr *groups = genl_find(attrs, len, CTRL_ATTR_MCAST_GROUPS);
	const struct nlattr *group;
	struct genl *genl = arg;

	genl->family = (uint16_t)genl_u32(attrs, len, CTRL_ATTR_FAMILY_ID);
	if (!groups)
		return;
	/* There is one group, the array's first. */
	group = (const void *)GENL_ATTR_DATA(groups);
	genl->group = genl_u32((const void *)GENL_ATTR_DATA(group), group->nla_len - NLA_HDRLEN,
			       CTRL_ATTR_MCAST_GRP_ID);
}

static inline int genl_open(struct genl *genl)
{
	const int on = 1;
	struct message msg;

	*genl = (struct genl){ .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC) };
	if (genl->fd < 0)
		return -errno;
	setsockopt(genl->fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(genl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	genl_begin(&msg, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	genl_put(&msg, CTRL_ATTR_FAMILY_NAME, LIVEGROW_FAMILY_NAME, sizeof(LIVEGROW_FAMILY_NAME));
	return genl_ask(genl, &msg, genl_take_family, genl).error;
}

static inline int genl_join(const struct genl *genl)
{
	return setsockopt(genl->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &genl->group,
			  sizeof(genl->group)) ?
		       -errno :
		       0;
}

#endif
