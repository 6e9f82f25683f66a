// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks for a real kernel, and the judge's word on each:
 *
 *   export PREFIX cuts|damages|tools [FIRST [COUNT]]
 *
 * cuts     what a power cut can leave of a grow, and what it is resumed to
 * damages  tables that are barely right or barely wrong, by one rule each
 * tools    what a power cut can leave of sfdisk's, sgdisk's and parted's growing
 *
 * The images of the COUNT disks from number FIRST on, all without COUNT, are files whose
 * names begin with PREFIX. Each has a line of JSON; the last line has the total and
 * CRASH_SEED.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cuts.h"
#include "damages.h"
#include "shelf.h"
#include "states.h"
#include "tooled.h"

/* clang-format off */
static const struct {
	const char *name;
	void (*export)(struct shelf *shelf);
} kinds[] = {
	{ "cuts", export_cuts },
	{ "damages", export_damages },
	{ "tools", export_tooled },
};
/* clang-format on */

static bool export_kind(const char *name, struct shelf *shelf)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(name, kinds[i].name)) {
			kinds[i].export(shelf);
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	struct shelf shelf = {
		.prefix = argc > 1 ? argv[1] : NULL,
		.first = argc > 3 ? (u32)strtoul(argv[3], NULL, 0) : 0,
		.count = argc > 4 ? (u32)strtoul(argv[4], NULL, 0) : UINT32_MAX,
	};
	uint64_t seed = cuts_seed();

	if (argc < 3 || argc > 5 || !export_kind(argv[2], &shelf)) {
		fprintf(stderr, "usage: %s PREFIX cuts|damages|tools [FIRST [COUNT]]\n", argv[0]);
		return 1;
	}
	printf("{\"total\": %u, \"seed\": \"%#" PRIx64 "\"}\n", shelf.seen, seed);
	return fflush(stdout) ? 1 : 0;
}
