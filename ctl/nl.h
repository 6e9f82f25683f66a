/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NL_H
#define GROWCTL_NL_H

#include <stddef.h>
#include <stdint.h>

struct nl_sock;
struct nl_msg;
struct nlmsghdr;

/**
 * struct lg - a connection to the module
 * @sock: NULL while there is none
 * @family: the family's number, which is another one when the module comes back
 * @why: the kernel's words for the newest error, or ""
 */
struct lg {
	struct nl_sock *sock;
	int family;
	char why[256];
};

typedef int (*lg_answer_fn)(struct nlmsghdr *nlh, void *arg);

int lg_open(struct lg *lg);
void lg_close(struct lg *lg);
int lg_errno(int nle);
int lg_message(struct lg *lg, int cmd, int flags, struct nl_msg **ret);
int lg_call(struct lg *lg, struct nl_msg *msg, lg_answer_fn answer, void *arg);
const char *lg_why(const struct lg *lg, int err);

#endif
