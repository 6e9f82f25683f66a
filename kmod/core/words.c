// SPDX-License-Identifier: GPL-2.0-only
/* words.h's sentences. */
#include <livegrow/words.h>

static const char *const reasons[] = {
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
		"table and kernel differ: another tool is at work, or has left them so",
	[LIVEGROW_REASON_SHRUNK] = "the disk is smaller than its table says",
	[LIVEGROW_REASON_NO_ROOM] = "a partition lies where the new backup would",
	[LIVEGROW_REASON_NO_PARTITION] = "the table has no partition",
	[LIVEGROW_REASON_FREE_TAIL] =
		"space after the last partition was free before or is reserved: growctl grow takes it",
	[LIVEGROW_REASON_WAS_SHRUNK] =
		"the disk was smaller meanwhile: check what is on it, then growctl grow",
	[LIVEGROW_REASON_ROLLBACK] = "the last partition cannot be brought back to that size",
	[LIVEGROW_REASON_CHANGED] = "another tool kept changing the table",
	[LIVEGROW_REASON_PART_MAX] = "its last partition is as large as it may be (max)",
	[LIVEGROW_REASON_KEEP_FREE] = "the rest of it is to stay free (keep-free)",
	[LIVEGROW_REASON_MOUNTED_READ_ONLY] =
		"it is mounted read-only here: it grows once it is mounted writable",
	[LIVEGROW_REASON_PART_CLOSED] =
		"its last partition holds LUKS that is not open: it grows once that is opened",
	[LIVEGROW_REASON_PART_UNKNOWN] =
		"nothing that is known to use more space was found on its last partition",
	[LIVEGROW_REASON_CONTENT_AWAITED] =
		"growctl has not reported yet what its last partition holds: see systemctl status growctl",
	[LIVEGROW_REASON_USE_AWAITED] =
		"growctl has not reported yet how the disk is used: see systemctl status growctl",
	[LIVEGROW_REASON_MIN_STEP] =
		"it would grow by less than min-step: growctl grow takes it",
	[LIVEGROW_REASON_POLICY_AWAITED] =
		"growctl has not set its policy yet: see systemctl status growctl",
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

static const char *word(const char *const *words, size_t n, size_t i)
{
	return i < n && words[i] ? words[i] : "unknown";
}

const char *lg_reason_words(enum livegrow_reason reason)
{
	return word(reasons, ARRAY_SIZE(reasons), reason);
}

const char *lg_step_words(enum livegrow_step step)
{
	return word(steps, ARRAY_SIZE(steps), step);
}
