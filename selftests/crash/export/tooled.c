// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the states that `make crash` counts, each cut after a sector. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "foreign.h"
#include "tool.h"
#include "tooled.h"

#define ONE_IN 16

struct walk {
	struct shelf *shelf;
	const char *tool;
	u32 states;
};

static void take(const struct disk *disk, void *context)
{
	struct walk *walk = context;

	if (walk->states++ % ONE_IN != ONE_IN / 2 || !shelf_wants(walk->shelf))
		return;
	shelf_name("%s, cut after %u sectors", walk->tool, walk->states);
	shelf_disk(walk->shelf, disk);
	shelf_done();
}

/* preload.so is beside this program. */
static void begin(void)
{
	static char directory[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", directory, sizeof(directory) - 1);

	directory[len < 0 ? 0 : len] = '\0';
	*strrchr(directory, '/') = '\0';
	tools_begin(directory);
}

void export_tooled(struct shelf *shelf)
{
	begin();
	for (u32 i = 0; i < foreign_results(); i++) {
		struct walk walk = { .shelf = shelf, .tool = foreign_tool(i) };

		foreign_states(i, &layouts[0], take, &walk);
	}
	tools_end();
}
