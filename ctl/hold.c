// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What modprobe tells the module: to hold each disk back until the daemon has told what
 * holds for it, where there is any rule. So a rule holds from the first event after boot on,
 * whatever it names a disk by; and where there is none, the module does without the daemon.
 *
 * In /run, made anew at each boot before a module is loaded: no rule that somebody writes
 * by hand can be newer.
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_put.h"
#include "hold.h"
#include "shrunk.h"
#include "store.h"

#define FOLDER "/run/modprobe.d"
#define NAME "growctl.conf"

static const char text[] =
	"# Written by growctl, since there are rules in /etc/growctl.conf or growctl.conf.d,\n"
	"# or disks that were rolled back, or became smaller.\n"
	"options livegrow await_policy=1\n";

static int folder_open(void)
{
	if (mkdir(FOLDER, 0755) == 0 && chmod(FOLDER, 0755) < 0)
		return -errno;
	/* The daemon and a person's command may be here at once. */
	return conf_folder_lock(FOLDER);
}

/* One that was rolled back is no matter of the files in /etc. */
static bool any_rolled_back(void)
{
	int dir = store_open();
	bool any = dir >= 0 && store_ask_any(dir);

	if (dir >= 0)
		close(dir);
	return any;
}

/**
 * hold_write() - have a module that is loaded from now on wait for the daemon, or not
 * @conf: what the configuration says; what it does not say intelligibly counts, too
 *
 * Returns 0 or a negative errno.
 */
int hold_write(const struct conf *conf)
{
	bool any = conf->n_rules || conf->n_errors || conf->broken || any_rolled_back() ||
		   shrunk_any();
	int r, folder = folder_open();

	if (folder < 0)
		return folder;
	r = any ? conf_put(folder, NAME, text, strlen(text)) : conf_drop(folder, NAME);
	close(folder);
	return r;
}
