/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_TEXT_H
#define GROWCTL_LVM_TEXT_H

#include "lvm_label.h"

/**
 * struct lvm_group - what a volume group's metadata say of one physical volume
 * @seqno: how often the metadata were changed
 * @shared: other hosts may change them too
 * @listed: the volume is in the group; the rest is said only then
 * @reach: the sector of 512 bytes at which it ends
 * @end: the one at which its extents end
 * @extent: sectors of an extent
 */
struct lvm_group {
	uint64_t seqno;
	bool shared, listed;
	uint64_t reach, end, extent;
};

int lvm_text_take(const char *text, size_t len, const char uuid[LVM_UUID_SIZE],
		  struct lvm_group *ret);

#endif
