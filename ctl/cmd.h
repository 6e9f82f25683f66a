/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CMD_H
#define GROWCTL_CMD_H

#include "conf.h"
#include "nl.h"
#include "options.h"

/* What growctl exits with. */
enum {
	EXIT_DONE = 0,
	EXIT_USAGE = 1,
	EXIT_FINDINGS = 1, /* doctor: there are some */
	EXIT_FAILED = 2, /* refused by the kernel, or failed */
	EXIT_NOTHING = 3, /* grow, plan: there was nothing to do */
	EXIT_TIMEOUT = 4, /* wait, policy: it did not come to that in time */
};

int cmd_status(const struct options *opt);
int cmd_watch(const struct options *opt);
int cmd_wait(const struct options *opt);
int cmd_plan(const struct options *opt);
int cmd_grow(const struct options *opt);
int cmd_doctor(const struct options *opt);
int cmd_metrics(const struct options *opt);
int cmd_history(const struct options *opt);
int cmd_tables(const struct options *opt);
int cmd_rollback(const struct options *opt);
int cmd_policy(const struct options *opt);
int cmd_check_config(const struct options *opt);
int cmd_daemon(const struct options *opt);

int cmd_complain_open(int err);
int cmd_complain_list(const struct lg *lg, int err);
void cmd_complain_conf(const struct conf *conf);
int cmd_complain_disk(const struct lg *lg, const char *disk, int err);

#endif
