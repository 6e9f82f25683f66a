// SPDX-License-Identifier: GPL-2.0-or-later
/* The protocol's numbers in words, and the names of devices. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <linux/livegrow.h>

#include "names.h"
#include "util.h"

static const char *const modes[] = {
	[LIVEGROW_MODE_AUTO] = "auto",
	[LIVEGROW_MODE_ASK] = "ask",
	[LIVEGROW_MODE_OFF] = "off",
};
static_assert(ARRAY_SIZE(modes) == LIVEGROW_MODE_OFF + 1, "a mode lacks its name");

static const char *const states[] = {
	[LIVEGROW_STATE_UNKNOWN] = "unknown",	[LIVEGROW_STATE_FULL] = "full",
	[LIVEGROW_STATE_GROWING] = "growing",	[LIVEGROW_STATE_WAITING] = "waiting",
	[LIVEGROW_STATE_UNUSED] = "unused",	[LIVEGROW_STATE_HELD] = "held",
	[LIVEGROW_STATE_BLOCKED] = "blocked",	[LIVEGROW_STATE_SHRUNK] = "shrunk",
	[LIVEGROW_STATE_NO_TABLE] = "no-table", [LIVEGROW_STATE_FAILED] = "failed",
	[LIVEGROW_STATE_OFF] = "off",		[LIVEGROW_STATE_UNMANAGED] = "unmanaged",
};
static_assert(ARRAY_SIZE(states) == LIVEGROW_STATE_UNMANAGED + 1, "a state lacks its name");

static const char *const reasons[] = {
	[LIVEGROW_REASON_NONE] = "none",
	[LIVEGROW_REASON_DRIVER] = "driver",
	[LIVEGROW_REASON_MODE_OFF] = "mode-off",
	[LIVEGROW_REASON_MODE_ASK] = "mode-ask",
	[LIVEGROW_REASON_READ_ONLY] = "read-only",
	[LIVEGROW_REASON_NOT_IN_USE] = "not-in-use",
	[LIVEGROW_REASON_HELD_WHOLE] = "held-whole",
	[LIVEGROW_REASON_NO_TABLE] = "no-table",
	[LIVEGROW_REASON_NOT_GPT] = "not-gpt",
	[LIVEGROW_REASON_HYBRID_MBR] = "hybrid-mbr",
	[LIVEGROW_REASON_PRIMARY_DAMAGED] = "primary-damaged",
	[LIVEGROW_REASON_BOTH_DAMAGED] = "both-damaged",
	[LIVEGROW_REASON_BACKUP_DIFFERS] = "backup-differs",
	[LIVEGROW_REASON_BACKUP_STALE] = "backup-stale",
	[LIVEGROW_REASON_UNSUPPORTED] = "unsupported",
	[LIVEGROW_REASON_ARRAY_PLACE] = "array-place",
	[LIVEGROW_REASON_RESERVED_BYTES] = "reserved-bytes",
	[LIVEGROW_REASON_ENTRY_RANGE] = "entry-range",
	[LIVEGROW_REASON_ENTRY_PAST_DISK] = "entry-past-disk",
	[LIVEGROW_REASON_ENTRY_OVERLAP] = "entry-overlap",
	[LIVEGROW_REASON_TABLE_DIFFERS] = "table-differs",
	[LIVEGROW_REASON_SHRUNK] = "shrunk",
	[LIVEGROW_REASON_NO_ROOM] = "no-room",
	[LIVEGROW_REASON_NO_PARTITION] = "no-partition",
	[LIVEGROW_REASON_PART_TYPE] = "part-type",
	[LIVEGROW_REASON_PART_CONTENT] = "part-content",
	[LIVEGROW_REASON_PART_READ_ONLY] = "part-read-only",
	[LIVEGROW_REASON_FREE_TAIL] = "free-tail",
	[LIVEGROW_REASON_WAS_SHRUNK] = "was-shrunk",
	[LIVEGROW_REASON_ROLLBACK] = "rollback",
	[LIVEGROW_REASON_CHANGED] = "changed",
	[LIVEGROW_REASON_STEP_FAILED] = "step-failed",
	[LIVEGROW_REASON_PART_MAX] = "part-max",
	[LIVEGROW_REASON_KEEP_FREE] = "keep-free",
	[LIVEGROW_REASON_MIN_STEP] = "min-step",
	[LIVEGROW_REASON_POLICY_AWAITED] = "policy-awaited",
	[LIVEGROW_REASON_PART_METADATA] = "part-metadata",
	[LIVEGROW_REASON_BLOCK_SIZE] = "block-size",
	[LIVEGROW_REASON_PART_HOLDS] = "part-holds",
	[LIVEGROW_REASON_PART_CLOSED] = "part-closed",
	[LIVEGROW_REASON_MOUNTED_READ_ONLY] = "mounted-read-only",
	[LIVEGROW_REASON_PART_UNKNOWN] = "part-unknown",
	[LIVEGROW_REASON_CONTENT_AWAITED] = "content-awaited",
	[LIVEGROW_REASON_USE_AWAITED] = "use-awaited",
};
static_assert(ARRAY_SIZE(reasons) == LIVEGROW_REASON_USE_AWAITED + 1, "a reason lacks its name");

static const char *const steps[] = {
	[LIVEGROW_STEP_NONE] = "none",
	[LIVEGROW_STEP_READ] = "read",
	[LIVEGROW_STEP_RECOVER_ARRAY] = "recover-array",
	[LIVEGROW_STEP_RECOVER_HEADER] = "recover-header",
	[LIVEGROW_STEP_BACKUP] = "backup",
	[LIVEGROW_STEP_STALE] = "stale",
	[LIVEGROW_STEP_SWITCH] = "switch",
	[LIVEGROW_STEP_HOME_ARRAY] = "home-array",
	[LIVEGROW_STEP_HOME_HEADER] = "home-header",
	[LIVEGROW_STEP_MBR] = "mbr",
	[LIVEGROW_STEP_PARTITION] = "partition",
	[LIVEGROW_STEP_FILESYSTEM] = "filesystem",
};
static_assert(ARRAY_SIZE(steps) == LIVEGROW_STEP_FILESYSTEM + 1, "a step lacks its name");

static const char *const events[] = {
	[LIVEGROW_EVENT_NONE] = "none",
	[LIVEGROW_EVENT_CAPACITY_CHANGED] = "capacity-changed",
	[LIVEGROW_EVENT_TABLE_UPDATED] = "table-updated",
	[LIVEGROW_EVENT_PARTITION_GROWN] = "partition-grown",
	[LIVEGROW_EVENT_BLOCKED] = "blocked",
	[LIVEGROW_EVENT_SHRUNK] = "shrunk",
	[LIVEGROW_EVENT_FILESYSTEM_GROWN] = "filesystem-grown",
	[LIVEGROW_EVENT_RECOVERED] = "recovered",
	[LIVEGROW_EVENT_ROLLED_BACK] = "rolled-back",
	[LIVEGROW_EVENT_BACKUP_FAILED] = "backup-failed",
	[LIVEGROW_EVENT_FAILED] = "failed",
	[LIVEGROW_EVENT_SETTLED] = "settled",
};
static_assert(ARRAY_SIZE(events) == LIVEGROW_EVENT_SETTLED + 1, "an event lacks its name");

/* A newer module may know more than this growctl: that is no error. */
static const char *word(const char *const *words, size_t n, uint32_t i)
{
	return i < n && words[i] ? words[i] : "other";
}

/** name_of_mode() - enum livegrow_mode in a word; never NULL. */
const char *name_of_mode(uint32_t mode)
{
	return word(modes, ARRAY_SIZE(modes), mode);
}

/** name_of_state() - enum livegrow_state in a word; never NULL. */
const char *name_of_state(uint32_t state)
{
	return word(states, ARRAY_SIZE(states), state);
}

/** name_of_reason() - enum livegrow_reason in a word; never NULL. */
const char *name_of_reason(uint32_t reason)
{
	return word(reasons, ARRAY_SIZE(reasons), reason);
}

/** name_of_step() - enum livegrow_step in a word; never NULL. */
const char *name_of_step(uint32_t step)
{
	return word(steps, ARRAY_SIZE(steps), step);
}

/** name_of_event() - enum livegrow_event in a word; never NULL. */
const char *name_of_event(uint32_t event)
{
	return word(events, ARRAY_SIZE(events), event);
}

/**
 * disk_name_valid() - whether a text can be a block device's name
 * @name: without "/dev/"
 *
 * The name becomes a part of paths in /sys and /dev, so nothing that leads
 * elsewhere is a name.
 */
bool disk_name_valid(const char *name)
{
	return name[0] && name[0] != '.' && strlen(name) < NAME_SIZE && !strchr(name, '/');
}

/**
 * disk_name_take() - keep a block device's name
 * @name: without "/dev/"
 * @ret: receives it
 *
 * Returns 0 or -EINVAL.
 */
int disk_name_take(const char *name, char ret[NAME_SIZE])
{
	if (!disk_name_valid(name))
		return -EINVAL;
	snprintf(ret, NAME_SIZE, "%s", name);
	return 0;
}

/**
 * partition_name() - the name that the kernel gives a disk's partition
 * @disk: "vda", "nvme0n1"
 * @number: of the partition; 0 is the whole disk
 * @ret_name: receives "vda3", "nvme0n1p3"
 * @size: of @ret_name
 */
void partition_name(const char *disk, uint32_t number, char *ret_name, size_t size)
{
	size_t len = strlen(disk);
	bool digit = len && isdigit((unsigned char)disk[len - 1]);

	if (number)
		snprintf(ret_name, size, "%s%s%u", disk, digit ? "p" : "", number);
	else
		snprintf(ret_name, size, "%s", disk);
}
