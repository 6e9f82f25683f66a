// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A power cut between two writes of a grow: apply-steps IMAGE K. The image has grown;
 * the first K writes of the commit are done. Prints "LBA COUNT" for each.
 */
#include <stdio.h>
#include <stdlib.h>

#include "executor.h"
#include "image.h"

#define ALIGN 1048576

static int apply(struct disk *disk, const struct look *look, u32 nr_steps)
{
	if (look->reason || nr_steps > look->plan.nr_steps) {
		fprintf(stderr, "reason %d, the plan has %u writes\n", look->reason,
			look->plan.nr_steps);
		return 1;
	}
	for (u32 i = 0; i < nr_steps; i++) {
		const struct lg_step *step = &look->plan.steps[i];

		step_write(disk, step);
		printf("%llu %u\n", (unsigned long long)step->lba, step->count);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct lg_wish wish = { .align = ALIGN };
	struct disk disk;
	struct look look;
	int status;

	if (argc != 3) {
		fprintf(stderr, "usage: %s IMAGE K\n", argv[0]);
		return 1;
	}
	image_open(&disk, argv[1], 512);
	look_at(&disk, &wish, &look);
	status = apply(&disk, &look, (u32)strtoul(argv[2], NULL, 0));
	look_free(&look);
	disk_free(&disk);
	return status;
}
