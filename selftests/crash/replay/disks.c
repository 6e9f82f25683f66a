// SPDX-License-Identifier: GPL-2.0-or-later
/* What a test needs to know of a layout, and its disk as a file. */
#include <stdio.h>

#include "disks.h"

static void print_layout(const struct layout *layout)
{
	const struct spec *spec = &layout->spec;
	u64 size = spec->lba_size ?: 512;
	const char *comma = "";

	printf("{\"name\": \"%s\", \"block\": %llu, \"align\": %u, \"tail\": %s, ", layout->name,
	       size, layout_align(layout), layout->flags ? "true" : "false");
	printf("\"grows\": %s, \"old\": %llu, \"new\": %llu, \"parts\": [",
	       layout->back ? "false" : "true", (spec->last_lba + 1) * size,
	       (layout->last_lba + 1) * size);
	for (u32 i = 0; i < MAX_SPEC_PARTS && spec->parts[i].number; i++, comma = ", ")
		printf("%s%u", comma, spec->parts[i].number);
	puts("]}");
}

int disks_list(void)
{
	for (u32 i = 0; i < nr_layouts; i++)
		print_layout(&layouts[i]);
	return fflush(stdout) ? 1 : 0;
}

int disks_make(const struct layout *layout, const char *path)
{
	size_t blocks = layout->last_lba + 1;
	FILE *file = fopen(path, "w");
	struct disk disk;
	bool good;

	if (!file) {
		perror(path);
		return 1;
	}
	layout_disk(layout, &disk);
	good = fwrite(disk.bytes, disk.lba_size, blocks, file) == blocks;
	good &= !fclose(file);
	disk_free(&disk);
	return !good;
}
