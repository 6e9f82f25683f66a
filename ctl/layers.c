// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From a partition up to what a filesystem is mounted from. A new layer is one file, and one
 * line in layers[] in front of the last: what nothing else lies on is mounted itself.
 */

#include <errno.h>

#include "layer.h"

/* More than anybody stacks: LUKS on LVM on LUKS has three. */
#define LAYERS_MAX 8

const struct layer *const layers[] = { &layer_direct, NULL };

typedef int layer_step(const struct layer *layer, const struct volume *below, struct volume *above);

static int layer_find(const struct layer *const *list, const struct volume *below,
		      const struct layer **ret_layer, struct volume *ret_above)
{
	int r = -ENOENT;

	for (; r == -ENOENT && *list; list++) {
		*ret_layer = *list;
		r = (*list)->above(below, ret_above);
	}
	return r;
}

/* Each step takes the volume below at its size, and leaves the one above at its own. */
static int climb(const struct layer *const *list, const struct volume *bottom, layer_step *step,
		 struct volume *ret)
{
	struct volume below = *bottom, above;
	const struct layer *layer;

	for (int i = 0; i < LAYERS_MAX; i++) {
		int r = layer_find(list, &below, &layer, &above);

		if (r == 0)
			r = step(layer, &below, &above);
		if (r < 0)
			return r;
		above.number = bottom->number;
		*ret = above;
		if (above.dev == below.dev)
			return 0;
		below = above;
	}
	return -ELOOP;
}

static int step_reach(const struct layer *layer, const struct volume *below, struct volume *above)
{
	return layer->reach(below, above, &above->size);
}

/* What the layer says it did does not count: its size is read again. */
static int step_grow(const struct layer *layer, const struct volume *below, struct volume *above)
{
	uint64_t reach;
	int r = layer->reach(below, above, &reach);

	if (r < 0 || above->size >= reach)
		return r;
	r = layer->grow(below, above);
	if (r == 0)
		r = layer->above(below, above);
	return r == 0 && above->size < reach ? -EIO : r;
}

/**
 * layers_climb() - what a filesystem on a partition or disk would be mounted from
 * @list: the layers, the first that finds something counts; NULL at its end
 * @bottom: the partition or disk; its size is what the layers are judged by, be it one to come
 * @ret: receives the volume at the top, with the bytes that it would have when all layers
 *       have grown, and the number of the partition at the bottom
 *
 * Returns 0, -ELOOP where there is no end to them, or a layer's negative errno.
 */
int layers_climb(const struct layer *const *list, const struct volume *bottom, struct volume *ret)
{
	return climb(list, bottom, step_reach, ret);
}

/**
 * layers_grow() - let each layer take all of what it lies on, from below
 * @list: as of layers_climb()
 * @bottom: the partition or disk, with its size of now
 * @ret: receives the volume at the top, with its size of now
 *
 * Returns 0, -EIO where a layer's size is not what it said, or the errors of layers_climb();
 * the layers below the one that failed stay grown.
 */
int layers_grow(const struct layer *const *list, const struct volume *bottom, struct volume *ret)
{
	return climb(list, bottom, step_grow, ret);
}
