// SPDX-License-Identifier: GPL-2.0-or-later
/* The policy of one of the machine's disks. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/livegrow.h>

#include "ask.h"
#include "facts.h"
#include "policy.h"
#include "store.h"
#include "sysfs.h"

#define PARAMETER "/sys/module/livegrow/parameters/mode"

/* What is there and says nothing that is known here grows nothing unasked. */
static struct policy_module module_read(void)
{
	struct policy_value value = { .number = LIVEGROW_MODE_ASK };
	char text[16];
	int r = sysfs_read(AT_FDCWD, PARAMETER, text, sizeof(text));

	if (r == -ENOENT)
		return (struct policy_module){ .mode = LIVEGROW_MODE_AUTO };
	if (r == 0) {
		text[strcspn(text, "\n")] = '\0';
		policy_value_parse(POLICY_MODE, text, &value);
	}
	return (struct policy_module){ .mode = (uint32_t)value.number, .known = true };
}

/* What was made smaller on purpose does not grow again by itself. */
static void hold_back(struct policy *policy, const char *disk, const char *guid)
{
	policy->values[POLICY_MODE].number = LIVEGROW_MODE_ASK;
	policy->held = true;
	if (!guid[0]) {
		snprintf(policy->why, sizeof(policy->why),
			 "whether it was rolled back cannot be read");
		return;
	}
	snprintf(policy->why, sizeof(policy->why),
		 "it was rolled back; to end that: growctl grow %s; rm %s/%s.ask; systemctl reload "
		 "growctl",
		 disk, STORE_DIR, guid);
}

/**
 * policy_of_disk() - how a disk may grow
 * @conf: of conf_read()
 * @disk: the disk's name
 * @ret: receives its policy, whose texts live as long as @conf
 *
 * What rules name a disk by is looked up only where a rule asks for it. One that was rolled
 * back is held; without root that cannot be told.
 *
 * Returns 0, -ENODEV where there is no such disk, or another negative errno.
 */
int policy_of_disk(const struct conf *conf, const char *disk, struct policy *ret)
{
	const struct policy_module module = module_read();
	char guid[GUID_SIZE];
	struct facts facts;
	int r = facts_of_disk(conf, disk, &facts);

	if (r < 0)
		return r;
	policy_merge(conf, &facts, &module, ret);
	facts_free(&facts);
	if (ret->values[POLICY_MODE].number == LIVEGROW_MODE_AUTO && ask_kept(disk, guid))
		hold_back(ret, disk, guid);
	return 0;
}
