// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person can do about a disk that does not grow, by the module's reason. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <linux/livegrow.h>

#include "foreign.h"
#include "names.h"
#include "remedy.h"
#include "remedy_part.h"
#include "util.h"

#define MODES "/etc/modprobe.d/livegrow-local.conf"
#define TABLES                                                                                  \
	"do not reboot before the table is repaired: growctl tables DISK lists stored older "   \
	"ones; loading one replaces the whole table, and README, \"If a guest is ever lost\", " \
	"has the way that keeps a copy"

/*
 * A remedy is pasted into a shell, perhaps after the fault has gone or on the wrong machine.
 * So it has only commands that refuse or change nothing there; what would destroy something
 * stands in a sentence without a command. test_remedies.py runs each of them.
 */
static const char *const remedies[] = {
	[LIVEGROW_REASON_MODE_OFF] =
		"growctl policy DISK shows whether a rule sets it; if none does, put options "
		"livegrow mode=auto into " MODES ", or take livegrow.mode=off from the kernel's "
		"command line; then: " REMEDY_ANEW,
	[LIVEGROW_REASON_MODE_ASK] = "growctl grow DISK",
	[LIVEGROW_REASON_READ_ONLY] =
		"the host attached it read-only, or an administrator made it so here, perhaps to "
		"protect it: it grows once it is writable again",
	[LIVEGROW_REASON_NOT_IN_USE] =
		"mount what is on it; or, if no other guest or host uses the disk: growctl grow DISK",
	[LIVEGROW_REASON_HELD_WHOLE] =
		"lsblk /dev/DISK shows what holds it: that has to grow by its own tools",
	[LIVEGROW_REASON_HYBRID_MBR] =
		"its MBR has partitions besides the protective one, and something may boot from "
		"them: livegrow leaves such a disk as it is",
	[LIVEGROW_REASON_PRIMARY_DAMAGED] =
		"growctl plan --recover DISK shows what can be saved; then: growctl grow --recover "
		"DISK",
	[LIVEGROW_REASON_BOTH_DAMAGED] = TABLES,
	[LIVEGROW_REASON_BACKUP_DIFFERS] = TABLES,
	[LIVEGROW_REASON_BACKUP_STALE] = TABLES,
	[LIVEGROW_REASON_UNSUPPORTED] =
		"livegrow leaves such a table as it is; another tool may be able to grow it",
	[LIVEGROW_REASON_ARRAY_PLACE] =
		"livegrow leaves such a table as it is; another tool may be able to grow it",
	[LIVEGROW_REASON_RESERVED_BYTES] =
		"another tool keeps data there, and a commit would destroy them: livegrow leaves "
		"such a table as it is",
	[LIVEGROW_REASON_ENTRY_RANGE] = "sgdisk -v /dev/DISK shows which",
	[LIVEGROW_REASON_ENTRY_PAST_DISK] = "the host has to give the disk its size again",
	[LIVEGROW_REASON_ENTRY_OVERLAP] = "sgdisk -v /dev/DISK shows which",
	[LIVEGROW_REASON_TABLE_DIFFERS] =
		"if another tool is at work, wait until it has finished; then: growctl grow DISK",
	[LIVEGROW_REASON_SHRUNK] =
		"have the host give the disk its size back: nothing is lost then that was not "
		"lost on the host. If it cannot, the table can be fitted to the smaller disk "
		"after a reboot, while the kernel has none of its partitions. This destroys "
		"what the last partition holds in front of the disk's end, where the backup "
		"table is written, and makes the partition end there: growctl grow --recover DISK",
	[LIVEGROW_REASON_NO_ROOM] =
		"the table's backup needs free blocks after the last partition, 33 as a rule: have "
		"the host enlarge the disk by one more MiB",
	[LIVEGROW_REASON_NO_PARTITION] = "it grows once it has a partition",
	[LIVEGROW_REASON_PART_CONTENT] =
		"growctl status DISK shows what is on PARTITION, if that is known. Growing it may "
		"destroy what another format keeps at its end: only if you know that its content "
		"survives that, set its partition type to Linux filesystem. It then grows while it "
		"is mounted writable, or on command",
	[LIVEGROW_REASON_PART_READ_ONLY] =
		"the image's maker set the attribute (bit 60) so that PARTITION stays unchanged; "
		"it grows once the attribute is cleared",
	[LIVEGROW_REASON_FREE_TAIL] =
		"the free space may be meant for something else, and the table's last usable LBA "
		"may reserve it. This takes all of it, a reserve included, and destroys what "
		"another program stores there: growctl grow DISK",
	[LIVEGROW_REASON_WAS_SHRUNK] =
		"what was cut off is gone: check what is on it, by e2fsck -fn or xfs_repair -n, "
		"which write nothing; then: growctl grow DISK",
	[LIVEGROW_REASON_ROLLBACK] = "growctl rollback --dry-run DISK shows why",
	[LIVEGROW_REASON_CHANGED] = "stop the tool that changes it, then: growctl grow DISK",
	[LIVEGROW_REASON_MIN_STEP] =
		"growctl grow DISK; growctl policy DISK shows the rule that sets min-step",
	[LIVEGROW_REASON_POLICY_AWAITED] = "systemctl start growctl",
	[LIVEGROW_REASON_PART_METADATA] =
		"only the last partition can grow, and PARTITION has to stay as it is: what it "
		"holds would lose its metadata. DRBD can move it if its resource is up while the "
		"partition grows; a RAID member has to leave its array first",
	[LIVEGROW_REASON_BLOCK_SIZE] =
		"have the host attach the disk with the block size that the table has "
		"(logical_block_size in QEMU and libvirt); until then write no table to it: that "
		"would destroy this one",
	[LIVEGROW_REASON_PART_HOLDS] =
		"only the last partition can grow, and PARTITION has no use for more space: add a "
		"disk, or have the image made with the partition that is to grow at its end",
	[LIVEGROW_REASON_PART_UNKNOWN] =
		"growctl status DISK shows what is on PARTITION, if that is known; it grows once a "
		"filesystem on it is mounted writable",
	[LIVEGROW_REASON_CONTENT_AWAITED] = "systemctl start growctl",
	[LIVEGROW_REASON_USE_AWAITED] = "systemctl start growctl",
	[LIVEGROW_REASON_PART_CLOSED] = "open the LUKS on PARTITION, and mount what is in it",
	[LIVEGROW_REASON_STEP_FAILED] =
		"the kernel's log shows what failed (journalctl -k); then: growctl grow DISK",
};

/**
 * remedy_fill() - put names into a remedy's words
 * @words: have DISK for the disk's name, PARTITION and NUMBER for a partition's
 * @disk: the module's record of the disk
 * @part: the partition's number
 * @ret: receives the text
 */
void remedy_fill(const char *words, const struct record *disk, uint32_t part, char ret[REMEDY_SIZE])
{
	char number[12], name[NAME_SIZE + 12];
	const char *const names[][2] = { { "DISK", disk->disk },
					 { "PARTITION", name },
					 { "NUMBER", number } };
	size_t n = 0, i;

	snprintf(number, sizeof(number), "%" PRIu32, part);
	partition_name(disk->disk, part, name, sizeof(name));
	while (*words && n + sizeof(name) < REMEDY_SIZE) {
		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (!strncmp(words, names[i][0], strlen(names[i][0])))
				break;
		if (i == ARRAY_SIZE(names)) {
			ret[n++] = *words++;
			continue;
		}
		n += (size_t)snprintf(ret + n, REMEDY_SIZE - n, "%s", names[i][1]);
		words += strlen(names[i][0]);
	}
	ret[n] = '\0';
}

/**
 * remedy_is_needed() - is there something that a person can do about the disk?
 * @disk: the module's record of the disk
 */
bool remedy_is_needed(const struct record *disk)
{
	struct volume last;

	if (disk->state == LIVEGROW_STATE_FULL || disk->state == LIVEGROW_STATE_UNMANAGED ||
	    disk->state == LIVEGROW_STATE_NO_TABLE)
		return false;
	return disk->reason == LIVEGROW_REASON_PART_TYPE ||
	       (disk->reason == LIVEGROW_REASON_NOT_GPT && !foreign_full(disk, &last)) ||
	       (disk->reason < ARRAY_SIZE(remedies) && remedies[disk->reason]);
}

/**
 * remedy_of_disk() - what a person can do about a disk that does not grow
 * @disk: the module's record of the disk
 * @ret: receives the words, where there is something
 *
 * Returns whether there is.
 */
bool remedy_of_disk(const struct record *disk, char ret[REMEDY_SIZE])
{
	uint32_t part = disk->part;
	const char *words;

	if (!remedy_is_needed(disk))
		return false;
	if (disk->reason == LIVEGROW_REASON_PART_TYPE)
		words = remedy_part_type(disk);
	else if (disk->reason == LIVEGROW_REASON_NOT_GPT)
		words = remedy_not_gpt(disk, &part);
	else
		words = remedies[disk->reason];
	remedy_fill(words, disk, part, ret);
	return true;
}
