/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FOLLOW_H
#define GROWCTL_FOLLOW_H

#include "filesystem.h"
#include "nl_disk.h"

/* Room for follow_words(): of a mountpoint that is as long as a path, the end. */
#define FOLLOW_TEXT 512

void follow_what(const struct fs *fs, char ret_text[FOLLOW_TEXT]);
bool follow_allowed(const struct record *disk);
int follow_fs(const char *disk, const struct fs *fs, struct fs_grown *ret, bool *ret_reported);
void follow_words(const struct fs *fs, const struct fs_grown *grown, int err,
		  char ret_text[FOLLOW_TEXT]);

#endif
