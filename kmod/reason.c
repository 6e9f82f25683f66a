// SPDX-License-Identifier: GPL-2.0-only
/* Reasons, in words. */
#include <linux/blkdev.h>
#include <linux/ctype.h>
#include <linux/kernel.h>

#include "disk.h"
#include "reason.h"

static const char *const sentences[] = {
	[LIVEGROW_REASON_MODE_OFF] = "the mode is off",
	[LIVEGROW_REASON_MODE_ASK] = "the mode is ask: say growctl grow",
	[LIVEGROW_REASON_READ_ONLY] = "the disk is read-only",
	[LIVEGROW_REASON_NOT_IN_USE] = "nothing on it is mounted or otherwise used here",
	[LIVEGROW_REASON_HELD_WHOLE] = "the disk as a whole is held, by a filesystem, dm or md",
	[LIVEGROW_REASON_NO_TABLE] = "no partition table",
	[LIVEGROW_REASON_NOT_GPT] = "its partition table is not a GPT",
	[LIVEGROW_REASON_HYBRID_MBR] = "hybrid MBR: its other partitions would not follow",
	[LIVEGROW_REASON_PRIMARY_DAMAGED] =
		"the primary GPT is damaged: growctl grow --recover takes its backup",
	[LIVEGROW_REASON_BOTH_DAMAGED] =
		"the primary GPT is damaged, and no backup header was found",
	[LIVEGROW_REASON_BACKUP_DIFFERS] =
		"the primary GPT is damaged, and its backup has other partitions than the kernel",
	[LIVEGROW_REASON_BACKUP_STALE] =
		"the primary GPT is damaged, and the backup found is of an older, smaller table",
	[LIVEGROW_REASON_UNSUPPORTED] = "a GPT with sizes that are not supported",
	[LIVEGROW_REASON_ARRAY_PLACE] =
		"the entry array lies behind the first usable LBA, and nothing says why",
	[LIVEGROW_REASON_RESERVED_BYTES] = "the reserved end of LBA 1 is in use",
	[LIVEGROW_REASON_ENTRY_RANGE] = "a partition lies outside of the usable LBAs",
	[LIVEGROW_REASON_ENTRY_PAST_DISK] = "a partition ends behind the disk",
	[LIVEGROW_REASON_ENTRY_OVERLAP] = "partitions overlap",
	[LIVEGROW_REASON_TABLE_DIFFERS] =
		"table and kernel differ: another tool is at work, or say partprobe",
	[LIVEGROW_REASON_SHRUNK] = "the disk is smaller than its table says",
	[LIVEGROW_REASON_NO_ROOM] = "a partition lies where the new backup would",
	[LIVEGROW_REASON_NO_PARTITION] = "the table has no partition",
	[LIVEGROW_REASON_FREE_TAIL] =
		"space behind the last partition was free before: growctl grow takes it",
	[LIVEGROW_REASON_WAS_SHRUNK] =
		"the disk was smaller meanwhile: check what is on it, then growctl grow",
	[LIVEGROW_REASON_ROLLBACK] = "the last partition cannot be brought back to that size",
	[LIVEGROW_REASON_CHANGED] = "another tool kept changing the table",
};

static const char *const steps[] = {
	[LIVEGROW_STEP_NONE] = "preparing",
	[LIVEGROW_STEP_READ] = "reading the table",
	[LIVEGROW_STEP_RECOVER_ARRAY] = "writing the backup's entry array",
	[LIVEGROW_STEP_RECOVER_HEADER] = "writing the backup's header to LBA 1",
	[LIVEGROW_STEP_BACKUP] = "writing the new backup",
	[LIVEGROW_STEP_STALE] = "clearing the old backup",
	[LIVEGROW_STEP_SWITCH] = "switching to the new table",
	[LIVEGROW_STEP_HOME_ARRAY] = "writing the entry array",
	[LIVEGROW_STEP_HOME_HEADER] = "writing the primary header",
	[LIVEGROW_STEP_MBR] = "writing the protective MBR",
	[LIVEGROW_STEP_PARTITION] = "growing the live partition",
};

/* "vda3", or "nvme0n1p3" where the disk's name ends in a digit. */
static void part_name(const struct lg_disk *disk, u32 part, char *name, size_t size)
{
	const char *whole = lg_disk_name(disk);
	size_t len = strlen(whole);

	snprintf(name, size, "%s%s%u", whole, len && isdigit(whole[len - 1]) ? "p" : "", part);
}

void lg_reason_text(const struct lg_disk *disk, const struct lg_status *status,
		    char *text, size_t size)
{
	char part[DISK_NAME_LEN + 12];
	const char *sentence;

	part_name(disk, status->reason_part, part, sizeof(part));
	switch (status->reason) {
	case LIVEGROW_REASON_NONE:
		text[0] = '\0';
		return;
	case LIVEGROW_REASON_DRIVER:
		snprintf(text, size, "driver %s is not named in livegrow.drivers",
			 lg_disk_driver(disk));
		return;
	case LIVEGROW_REASON_PART_TYPE:
	case LIVEGROW_REASON_PART_CONTENT:
		snprintf(text, size, "last partition %s is %s", part, status->reason_type);
		return;
	case LIVEGROW_REASON_PART_READ_ONLY:
		snprintf(text, size, "last partition %s has the attribute read-only", part);
		return;
	case LIVEGROW_REASON_STEP_FAILED:
		snprintf(text, size, "%s failed with errno %d", steps[status->step],
			 status->error);
		return;
	default:
		sentence = sentences[status->reason];
		snprintf(text, size, "%s", sentence ?: "unknown");
	}
}
