// SPDX-License-Identifier: GPL-2.0-only
/* Put the reason for a disk's state into words. */
#include <linux/blkdev.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <livegrow/othersize.h>
#include <livegrow/words.h>

#include "disk.h"
#include "reason.h"

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
	case LIVEGROW_REASON_PART_METADATA:
		snprintf(text, size, "last partition %s is %s", part, status->reason_type);
		return;
	case LIVEGROW_REASON_PART_HOLDS:
		snprintf(text, size, "last partition %s holds %s", part, status->reason_type);
		return;
	case LIVEGROW_REASON_PART_READ_ONLY:
		snprintf(text, size, "last partition %s has the attribute read-only", part);
		return;
	case LIVEGROW_REASON_BLOCK_SIZE:
		snprintf(text, size, LG_OTHER_WORDS, status->other_size, status->lba_size);
		return;
	case LIVEGROW_REASON_TABLE_DIFFERS:
		if (status->reason_part)
			snprintf(text, size,
				 "%s is smaller in the kernel than in the table, as after an interrupted growth: growctl grow %s",
				 part, lg_disk_name(disk));
		else
			snprintf(text, size, "%s", lg_reason_words(status->reason));
		return;
	case LIVEGROW_REASON_STEP_FAILED:
		snprintf(text, size, "%s failed with errno %d",
			 lg_step_words(status->step), status->error);
		return;
	default:
		snprintf(text, size, "%s", lg_reason_words(status->reason));
	}
}
