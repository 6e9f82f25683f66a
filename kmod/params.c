// SPDX-License-Identifier: GPL-2.0-only
/* Module parameters. */
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "params.h"

#define MAX_DRIVERS	16
#define CONTENT_WAIT_MAX	600U	/* seconds */

static const char *const mode_names[] = {
	[LIVEGROW_MODE_AUTO] = "auto",
	[LIVEGROW_MODE_ASK] = "ask",
	[LIVEGROW_MODE_OFF] = "off",
};

static enum livegrow_mode mode = LIVEGROW_MODE_AUTO;

static int set_mode(const char *value, const struct kernel_param *param)
{
	int found = sysfs_match_string(mode_names, value);

	if (found < 0)
		return found;
	mode = found;
	return 0;
}

static int get_mode(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", mode_names[mode]);
}

static const struct kernel_param_ops mode_ops = {
	.set = set_mode,
	.get = get_mode,
};

module_param_cb(mode, &mode_ops, NULL, 0444);
MODULE_PARM_DESC(mode, "auto: grow at once (default), ask: on command only, off: never");

static bool await_policy;
module_param(await_policy, bool, 0444);
MODULE_PARM_DESC(await_policy, "act as in mode ask until growctl has set a disk's mode");

static unsigned int content_wait = 10;
module_param(content_wait, uint, 0444);
MODULE_PARM_DESC(content_wait, "seconds to wait for growctl to report what the last partition holds (10)");

static char *drivers[MAX_DRIVERS];
static int nr_drivers;
module_param_array(drivers, charp, &nr_drivers, 0444);
MODULE_PARM_DESC(drivers, "drivers whose disks are grown besides those of virtio_blk");

enum livegrow_mode lg_param_mode(void)
{
	return mode;
}

bool lg_param_awaits_policy(void)
{
	return await_policy;
}

unsigned int lg_param_content_wait(void)
{
	return min(content_wait, CONTENT_WAIT_MAX);
}

bool lg_param_drives(const char *driver)
{
	int i;

	if (!strcmp(driver, "virtio_blk"))
		return true;
	for (i = 0; i < nr_drivers; i++)
		if (!strcmp(driver, drivers[i]))
			return true;
	return false;
}
