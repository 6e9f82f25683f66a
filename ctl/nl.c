// SPDX-License-Identifier: GPL-2.0-or-later
/* A connection to the module: find its family, send a request, hear the answer. */

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/netlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include <linux/livegrow.h>

#include "nl.h"
#include "text.h"

struct call {
	struct lg *lg;
	lg_answer_fn answer;
	void *arg;
	int err;
	bool done;
};

/**
 * lg_errno() - libnl's error as a negative errno
 * @nle: a negative NLE_*, or 0 and above, which stay
 */
int lg_errno(int nle)
{
	if (nle >= 0)
		return nle;
	switch (-nle) {
	case NLE_OBJ_NOTFOUND:
		return -ENOENT;
	case NLE_NOMEM:
		return -ENOMEM;
	case NLE_PERM:
	case NLE_NOACCESS:
		return -EPERM;
	case NLE_AGAIN:
		return -EAGAIN;
	case NLE_DUMP_INTR:
		return -EINTR;
	case NLE_AF_NOSUPPORT:
		return -EAFNOSUPPORT;
	default:
		return -EIO;
	}
}

/**
 * lg_open() - connect to the module
 * @lg: what to set up; unchanged after an error
 *
 * Returns 0, -ENOENT when the module is not loaded, or another negative errno.
 */
int lg_open(struct lg *lg)
{
	struct lg conn = { 0 };
	int on = 1, r;

	conn.sock = nl_socket_alloc();
	if (!conn.sock)
		return -ENOMEM;
	r = lg_errno(genl_connect(conn.sock));
	if (r < 0)
		goto fail;
	/* An old kernel without the texts is no reason to fail. */
	setsockopt(nl_socket_get_fd(conn.sock), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	r = lg_errno(genl_ctrl_resolve(conn.sock, LIVEGROW_FAMILY_NAME));
	if (r < 0)
		goto fail;
	conn.family = r;
	*lg = conn;
	return 0;
fail:
	nl_socket_free(conn.sock);
	return r;
}

/** lg_close() - end a connection; one that is not open is fine too. */
void lg_close(struct lg *lg)
{
	nl_socket_free(lg->sock);
	lg->sock = NULL;
}

/**
 * lg_message() - begin a request
 * @lg: the connection
 * @cmd: enum livegrow_cmd
 * @flags: NLM_F_DUMP or 0
 * @ret: receives the message; lg_call() takes it, or nlmsg_free()
 *
 * Returns 0 or -ENOMEM.
 */
int lg_message(struct lg *lg, int cmd, int flags, struct nl_msg **ret)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		return -ENOMEM;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, lg->family, 0, flags, (uint8_t)cmd,
			 LIVEGROW_FAMILY_VERSION)) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	*ret = msg;
	return 0;
}

/*
 * libnl 3.7 has no call for the text: it stands behind struct nlmsgerr and the
 * copy of the request.
 */
static void why_read(struct lg *lg, const struct nlmsgerr *err)
{
	const struct nlmsghdr *nlh = (const void *)((const char *)err - NLMSG_HDRLEN);
	struct nlattr *text;
	size_t skip = sizeof(*err), len = nlh->nlmsg_len - NLMSG_HDRLEN;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED)) {
		if (err->msg.nlmsg_len < NLMSG_HDRLEN || err->msg.nlmsg_len - NLMSG_HDRLEN > len)
			return;
		skip += err->msg.nlmsg_len - NLMSG_HDRLEN;
	}
	skip = NLMSG_ALIGN(skip);
	if (skip >= len)
		return;
	text = nla_find((const void *)((const char *)err + skip), (int)(len - skip),
			NLMSGERR_ATTR_MSG);
	if (!text)
		return;
	nla_strlcpy(lg->why, text, sizeof(lg->why));
	text_clean(lg->why);
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct call *call = arg;
	int r = call->answer ? call->answer(nlmsg_hdr(msg), call->arg) : 0;

	if (r < 0 && !call->err)
		call->err = r;
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct call *call = arg;

	(void)msg;
	call->done = true;
	return NL_STOP;
}

/* A dump that failed on its way says so in the message that ends it. */
static int on_dump_end(struct nl_msg *msg, void *arg)
{
	struct call *call = arg;
	int err;

	call->done = true;
	if (nlmsg_datalen(nlmsg_hdr(msg)) >= (int)sizeof(err)) {
		memcpy(&err, nlmsg_data(nlmsg_hdr(msg)), sizeof(err));
		if (err < 0 && !call->err)
			call->err = err;
	}
	return NL_STOP;
}

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *err, void *arg)
{
	struct call *call = arg;

	(void)from;
	call->done = true;
	call->err = err->error < 0 ? err->error : -EBADMSG;
	why_read(call->lg, err);
	return NL_STOP;
}

static int answers_read(struct call *call)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int r = 0;

	if (!cb)
		return -ENOMEM;
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, call);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, call);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_dump_end, call);
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, call);
	while (!call->done && r >= 0)
		r = nl_recvmsgs(call->lg->sock, cb);
	nl_cb_put(cb);
	if (call->err)
		return call->err;
	return r < 0 ? lg_errno(r) : 0;
}

/**
 * lg_call() - send a request and wait for its answer
 * @lg: the connection
 * @msg: of lg_message(); freed in every case
 * @answer: called with each message of the answer, its length checked; or NULL
 * @arg: for @answer
 *
 * Returns 0 or a negative errno; the kernel's words for it are in @lg->why.
 */
int lg_call(struct lg *lg, struct nl_msg *msg, lg_answer_fn answer, void *arg)
{
	struct call call = { .lg = lg, .answer = answer, .arg = arg };
	int r;

	lg->why[0] = '\0';
	r = nl_send_auto(lg->sock, msg);
	nlmsg_free(msg);
	if (r < 0)
		return lg_errno(r);
	return answers_read(&call);
}

/**
 * lg_why() - words for an error of lg_call()
 * @lg: the connection
 * @err: the negative errno
 *
 * Returns the kernel's own words where it gave some.
 */
const char *lg_why(const struct lg *lg, int err)
{
	return lg->why[0] ? lg->why : strerror(-err);
}
