// SPDX-License-Identifier: GPL-2.0-or-later
/* What a person can do about a disk that does not grow, by the module's reason. */

#include <stddef.h>

#include <linux/livegrow.h>

#include "remedy.h"
#include "util.h"

#define MODES "/etc/modprobe.d/livegrow-local.conf"
#define TABLES "growctl tables DISK lists older ones for sgdisk --load-backup"

static const char *const remedies[] = {
	[LIVEGROW_REASON_DRIVER] = "name its driver in " MODES
				   ": options livegrow drivers=..., then: " REMEDY_ANEW,
	[LIVEGROW_REASON_MODE_OFF] =
		"growctl policy DISK says whether a rule has it so, which is to be changed; else "
		"say options livegrow mode=auto in " MODES ", or take livegrow.mode=off from the "
		"kernel's command line; then: " REMEDY_ANEW,
	[LIVEGROW_REASON_MODE_ASK] = "growctl grow DISK",
	[LIVEGROW_REASON_READ_ONLY] =
		"ask the host why it is attached read-only; blockdev --setrw /dev/DISK where the "
		"guest made it so",
	[LIVEGROW_REASON_NOT_IN_USE] = "mount what is on it, or: growctl grow DISK",
	[LIVEGROW_REASON_HELD_WHOLE] =
		"lsblk /dev/DISK shows what holds it: that has to grow by its own tools",
	[LIVEGROW_REASON_NOT_GPT] =
		"an MBR ends at 2 TiB, and growctl grows no partition of one: sgdisk --mbrtogpt "
		"/dev/DISK converts it, of a boot disk together with its boot loader; then "
		"partprobe /dev/DISK, and growctl grow DISK",
	[LIVEGROW_REASON_HYBRID_MBR] =
		"make the MBR a protective one (gdisk: x, n, w), where nothing boots by its other "
		"partitions",
	[LIVEGROW_REASON_PRIMARY_DAMAGED] =
		"growctl plan --recover DISK says what can be saved, growctl grow --recover DISK "
		"does it",
	[LIVEGROW_REASON_BOTH_DAMAGED] = "do not reboot; " TABLES,
	[LIVEGROW_REASON_BACKUP_DIFFERS] = "do not reboot; " TABLES,
	[LIVEGROW_REASON_BACKUP_STALE] = "do not reboot; " TABLES,
	[LIVEGROW_REASON_UNSUPPORTED] = "sgdisk --resize-table=128 /dev/DISK, with all unmounted",
	[LIVEGROW_REASON_ARRAY_PLACE] = "gdisk can move it (x, j)",
	[LIVEGROW_REASON_RESERVED_BYTES] =
		"another tool keeps something there, and where it does not: sgdisk -e /dev/DISK "
		"writes that block anew",
	[LIVEGROW_REASON_ENTRY_RANGE] = "sgdisk -v /dev/DISK says which; gdisk mends it",
	[LIVEGROW_REASON_ENTRY_PAST_DISK] = "the host has to give the disk its size again",
	[LIVEGROW_REASON_ENTRY_OVERLAP] = "sgdisk -v /dev/DISK says which; gdisk mends it",
	[LIVEGROW_REASON_TABLE_DIFFERS] =
		"wait for the tool that is at work, or: partprobe /dev/DISK",
	[LIVEGROW_REASON_SHRUNK] = "the host has to give the disk its size again",
	[LIVEGROW_REASON_NO_ROOM] =
		"the last partition has to end 33 blocks before the disk: gdisk, or a disk that is "
		"larger by a MiB",
	[LIVEGROW_REASON_NO_PARTITION] = "make one, or let it be",
	[LIVEGROW_REASON_PART_TYPE] =
		"only the last partition can grow; where it is swap, a file can take its place: "
		"swapoff /dev/PARTITION; sfdisk --delete /dev/DISK NUMBER; partx -d --nr NUMBER "
		"/dev/DISK; growctl grow DISK, and its line in /etc/fstab; what is no longer of "
		"its type can be given another (sfdisk --part-type)",
	[LIVEGROW_REASON_PART_CONTENT] =
		"growctl status DISK says what is on it, if that is known; where the partition is "
		"to grow all the same: sfdisk --part-type /dev/DISK NUMBER linux; growctl "
		"grow DISK",
	[LIVEGROW_REASON_PART_READ_ONLY] =
		"sgdisk --attributes=NUMBER:clear:60 /dev/DISK, where it is not meant",
	[LIVEGROW_REASON_FREE_TAIL] = "growctl grow DISK takes it",
	[LIVEGROW_REASON_WAS_SHRUNK] = "fsck what is on it, then: growctl grow DISK",
	[LIVEGROW_REASON_ROLLBACK] = "growctl rollback DISK says why",
	[LIVEGROW_REASON_CHANGED] = "find the tool that does, then: growctl grow DISK",
	[LIVEGROW_REASON_MIN_STEP] = "growctl grow DISK, or growctl policy set DISK min-step=...",
	[LIVEGROW_REASON_POLICY_AWAITED] = "systemctl start growctl",
	[LIVEGROW_REASON_STEP_FAILED] =
		"the kernel's log says what failed (journalctl -k); then: growctl grow DISK",
};

/**
 * remedy_of_disk() - what to do about a disk that does not grow, in words
 * @disk: what the module says of it
 *
 * Returns them, with DISK for the disk's name, PARTITION and NUMBER for
 * its last partition's name and number; or NULL where there is nothing to do.
 */
const char *remedy_of_disk(const struct record *disk)
{
	if (disk->state == LIVEGROW_STATE_FULL || disk->state == LIVEGROW_STATE_UNMANAGED ||
	    disk->state == LIVEGROW_STATE_NO_TABLE)
		return NULL;
	return disk->reason < ARRAY_SIZE(remedies) ? remedies[disk->reason] : NULL;
}
