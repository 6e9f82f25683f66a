// SPDX-License-Identifier: GPL-2.0-or-later
/* What firmware.c thinks that firmware does: firmware-repair IMAGE BLOCK-SIZE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "image.h"

static void take_over(struct disk *disk, const struct ram *ram)
{
	for (u64 i = 0; i < ram->nr_dirty; i++)
		memcpy(disk_at(disk, ram->dirty[i]), disk_at(&ram->disk, ram->dirty[i]),
		       disk->lba_size);
}

int main(int argc, char **argv)
{
	struct disk disk;
	struct ram ram;

	if (argc != 3) {
		fprintf(stderr, "usage: %s IMAGE BLOCK-SIZE\n", argv[0]);
		return 1;
	}
	image_open(&disk, argv[1], (u32)strtoul(argv[2], NULL, 0));
	ram_new(&ram, &disk);
	firmware_repair(&ram);
	take_over(&disk, &ram);
	ram_free(&ram);
	disk_free(&disk);
	return 0;
}
