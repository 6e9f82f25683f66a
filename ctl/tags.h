/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TAGS_H
#define GROWCTL_TAGS_H

#include <stdbool.h>

#include "sysfs.h"

/* What blkid(8) calls LABEL, UUID, PARTLABEL and PARTUUID. */
enum tag { TAG_LABEL, TAG_UUID, TAG_PARTLABEL, TAG_PARTUUID, TAG_COUNT };

/* The longest label is one of btrfs: 255 bytes. */
#define TAG_SIZE 260

/**
 * struct tags - what a volume and the filesystem on it are called
 * @text: "" where it has none
 */
struct tags {
	char text[TAG_COUNT][TAG_SIZE];
};

int tags_read(const struct volume *volume, struct tags *ret);
bool tags_have(const struct tags *tags, const char *tag, const char *value);

#endif
