// SPDX-License-Identifier: GPL-2.0-or-later
/* Nothing between: the filesystem is mounted from the partition or disk itself. */

#include "layer.h"

static int direct_above(const struct volume *below, struct volume *ret)
{
	*ret = *below;
	return 0;
}

static int direct_reach(const struct volume *below, const struct volume *above, uint64_t *ret)
{
	(void)above;
	*ret = below->size;
	return 0;
}

/* The module has grown it. */
static int direct_grow(const struct volume *below, const struct volume *above)
{
	(void)below;
	(void)above;
	return 0;
}

const struct layer layer_direct = {
	.above = direct_above,
	.reach = direct_reach,
	.grow = direct_grow,
};
