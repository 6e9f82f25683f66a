// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a power cut can leave of a guest's own writes:
 *
 *   replay --list			the layouts: names, sizes, partitions
 *   replay --disk LAYOUT IMAGE		makes a layout's disk
 *   replay LAYOUT LOG IMAGE		judges what a guest wrote to it
 *
 * CRASH_SEED repeats a run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disks.h"
#include "replay.h"

static const struct layout *find_layout(const char *name)
{
	for (u32 i = 0; i < nr_layouts; i++)
		if (!strcmp(layouts[i].name, name))
			return &layouts[i];
	fprintf(stderr, "no layout: %s\n", name);
	exit(1);
}

static int usage(const char *name)
{
	fprintf(stderr, "usage: %s --list | --disk LAYOUT IMAGE | LAYOUT LOG IMAGE\n", name);
	return 1;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--list"))
		return disks_list();
	if (argc == 4 && !strcmp(argv[1], "--disk"))
		return disks_make(find_layout(argv[2]), argv[3]);
	if (argc == 4)
		return replay(find_layout(argv[1]), argv[2], argv[3]);
	return usage(argv[0]);
}
