// SPDX-License-Identifier: GPL-2.0-or-later
/* What the kernel tells unasked: the module's events, its coming and going. */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/genetlink.h>
#include <linux/livegrow.h>

#include "nl_event.h"

/* Some hundred events, so that a burst on many disks does not overrun it; a service gets less. */
#define EVENT_BUFFER (1 << 20)

struct hearing {
	struct lg *lg;
	lg_event_fn fn;
	void *arg;
	enum lg_family_news news;
};

static int on_any_seq(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static int group_join(struct lg *lg, const char *family, const char *group)
{
	int r = genl_ctrl_resolve_grp(lg->sock, family, group);

	if (r < 0)
		return lg_errno(r);
	r = nl_socket_add_membership(lg->sock, r);
	if (r < 0)
		return lg_errno(r);
	nl_socket_disable_seq_check(lg->sock);
	return lg_errno(nl_socket_set_nonblocking(lg->sock));
}

/* Hands on everything that is there. Without memory libnl says the same as after an overrun. */
static int messages_read(struct hearing *hearing, nl_recvmsg_msg_cb_t on_valid)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_SEQ_CHECK, NL_CB_CUSTOM, on_any_seq, NULL);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, hearing);
	do
		r = nl_recvmsgs(hearing->lg->sock, cb);
	while (r >= 0);
	nl_cb_put(cb);
	if (r == -NLE_NOMEM)
		return -ENOBUFS;
	return r == -NLE_AGAIN ? 0 : lg_errno(r);
}

/**
 * lg_event_open() - subscribe to the module's events
 * @lg: what to set up; unchanged after an error
 *
 * Returns 0, -ENOENT when the module is not loaded, or another negative errno.
 */
int lg_event_open(struct lg *lg)
{
	int r, size = EVENT_BUFFER;
	struct lg conn;

	r = lg_open(&conn);
	if (r < 0)
		return r;
	/* A smaller buffer than wished only means that events are lost sooner. */
	if (setsockopt(nl_socket_get_fd(conn.sock), SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		nl_socket_set_buffer_size(conn.sock, size, 0);
	r = group_join(&conn, LIVEGROW_FAMILY_NAME, LIVEGROW_MCGRP_EVENTS);
	if (r < 0) {
		lg_close(&conn);
		return r;
	}
	*lg = conn;
	return 0;
}

/* Looks for the text of an event among those that the module remembers. */
static void on_remembered(const struct record *event, void *arg)
{
	struct record *wanted = arg;

	if (event->seq == wanted->seq && record_has(event, LIVEGROW_A_REASON_TEXT)) {
		memcpy(wanted->reason_text, event->reason_text, sizeof(wanted->reason_text));
		wanted->has |= UINT64_C(1) << LIVEGROW_A_REASON_TEXT;
	}
}

/*
 * The text of a filesystem's failure names its mountpoint, so it is not multicast; only a
 * privileged process gets it. Any other one does without.
 */
static void text_fetch(struct record *event)
{
	if (event->event == LIVEGROW_EVENT_FAILED && event->step == LIVEGROW_STEP_FILESYSTEM &&
	    !record_has(event, LIVEGROW_A_REASON_TEXT))
		lg_event_past(on_remembered, event);
}

static int on_event(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct hearing *hearing = arg;
	struct record event;

	/* Only the kernel's own word counts. */
	if (nlmsg_get_src(msg)->nl_pid || nlh->nlmsg_type != hearing->lg->family)
		return NL_OK;
	if (record_parse(nlh, &event) == 0 && record_has(&event, LIVEGROW_A_EVENT)) {
		text_fetch(&event);
		hearing->fn(&event, hearing->arg);
	}
	return NL_OK;
}

/**
 * lg_event_recv() - hand on all events that are there, without waiting
 * @lg: of lg_event_open()
 * @fn: called with each
 * @arg: for @fn
 *
 * Returns 0, -ENOBUFS when some were lost (it goes on with the next call), or
 * another negative errno.
 */
int lg_event_recv(struct lg *lg, lg_event_fn fn, void *arg)
{
	struct hearing hearing = { .lg = lg, .fn = fn, .arg = arg };

	return messages_read(&hearing, on_event);
}

struct past {
	lg_event_fn fn;
	void *arg;
};

static int past_read(struct nlmsghdr *nlh, void *arg)
{
	const struct past *past = arg;
	struct record event;
	int r = record_parse(nlh, &event);

	if (r == 0 && record_has(&event, LIVEGROW_A_EVENT))
		past->fn(&event, past->arg);
	return r;
}

/**
 * lg_event_past() - hand on the events that the module remembers
 * @fn: called with each, oldest first
 * @arg: for @fn
 *
 * By a connection of its own. Returns 0, also for a module that remembers none,
 * -EPERM without CAP_SYS_ADMIN, or another negative errno.
 */
int lg_event_past(lg_event_fn fn, void *arg)
{
	struct past past = { .fn = fn, .arg = arg };
	struct nl_msg *msg;
	struct lg lg;
	int r = lg_open(&lg);

	if (r < 0)
		return r;
	r = lg_message(&lg, LIVEGROW_CMD_EVENT_GET, NLM_F_DUMP, &msg);
	if (r == 0)
		r = lg_call(&lg, msg, past_read, &past);
	lg_close(&lg);
	return r == -EOPNOTSUPP ? 0 : r;
}

/** lg_fd() - the descriptor to poll for POLLIN; -1, which poll() ignores, while not open. */
int lg_fd(const struct lg *lg)
{
	return lg->sock ? nl_socket_get_fd(lg->sock) : -1;
}

/**
 * lg_family_open() - subscribe to the coming and going of netlink families
 * @lg: what to set up; unchanged after an error
 *
 * Returns 0 or a negative errno.
 */
int lg_family_open(struct lg *lg)
{
	struct lg conn = { .family = GENL_ID_CTRL };
	int r;

	conn.sock = nl_socket_alloc();
	if (!conn.sock)
		return -ENOMEM;
	r = lg_errno(genl_connect(conn.sock));
	if (r == 0)
		r = group_join(&conn, "nlctrl", "notify");
	if (r < 0) {
		lg_close(&conn);
		return r;
	}
	*lg = conn;
	return 0;
}

static int on_family(struct nl_msg *msg, void *arg)
{
	static struct nla_policy policy[CTRL_ATTR_MAX + 1] = {
		[CTRL_ATTR_FAMILY_NAME] = { .type = NLA_STRING },
	};
	struct nlattr *tb[CTRL_ATTR_MAX + 1];
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct hearing *hearing = arg;
	char name[GENL_NAMSIZ];
	int cmd;

	if (nlmsg_get_src(msg)->nl_pid || nlh->nlmsg_type != GENL_ID_CTRL ||
	    !genlmsg_valid_hdr(nlh, 0) || genlmsg_parse(nlh, 0, tb, CTRL_ATTR_MAX, policy) < 0 ||
	    !tb[CTRL_ATTR_FAMILY_NAME])
		return NL_OK;
	nla_strlcpy(name, tb[CTRL_ATTR_FAMILY_NAME], sizeof(name));
	if (strcmp(name, LIVEGROW_FAMILY_NAME))
		return NL_OK;
	cmd = genlmsg_hdr(nlh)->cmd;
	if (cmd == CTRL_CMD_NEWFAMILY)
		hearing->news = LG_FAMILY_CAME;
	else if (cmd == CTRL_CMD_DELFAMILY)
		hearing->news = LG_FAMILY_WENT;
	return NL_OK;
}

/**
 * lg_family_recv() - hear whether the module came or went, without waiting
 * @lg: of lg_family_open()
 * @ret: receives the newest of what was heard
 *
 * After lost messages the answer is LG_FAMILY_CAME: to look for it is the way
 * to find out. Returns 0 or a negative errno.
 */
int lg_family_recv(struct lg *lg, enum lg_family_news *ret)
{
	struct hearing hearing = { .lg = lg };
	int r = messages_read(&hearing, on_family);

	if (r == -ENOBUFS) {
		*ret = LG_FAMILY_CAME;
		return 0;
	}
	if (r == 0)
		*ret = hearing.news;
	return r;
}
