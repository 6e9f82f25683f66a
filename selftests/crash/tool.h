/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other partition tools, run on a disk as a file. They take blocks of 512 bytes. */
#ifndef CRASH_TOOL_H
#define CRASH_TOOL_H

#include "ram.h"

struct tool {
	const char *name;
	const char *command; /* for the shell: $DISK and $PART */
	u32 one_in; /* of the sampled states; the slow ones get fewer */
};

#define MAX_TOOLS 4

extern const struct tool tools[MAX_TOOLS];
extern const u32 nr_tools;

/* Where the disk's file is made, and what is preloaded; exits where that fails. */
void tools_begin(const char *directory);
void tools_end(void);

/* Return: the tool's exit status; what it made of the disk is on @ram. */
int tool_run(const struct tool *tool, struct ram *ram, u32 part);

#endif /* CRASH_TOOL_H */
