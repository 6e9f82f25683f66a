/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LAYER_H
#define GROWCTL_LAYER_H

#include "sysfs.h"

/**
 * struct layer - a way in which something lies on a partition or disk
 * @above: find the volume that lies on @below by this layer, with its size of now
 * @reach: the bytes that @above would have after @grow, of a @below of its size
 * @grow: let @above take all of @below; it returns when the kernel did
 *
 * All return 0 or a negative errno, @above -ENOENT where nothing lies there in this way. That a
 * grow did what it says is verified by a second @above.
 */
struct layer {
	int (*above)(const struct volume *below, struct volume *ret);
	int (*reach)(const struct volume *below, const struct volume *above, uint64_t *ret);
	int (*grow)(const struct volume *below, const struct volume *above);
};

extern const struct layer layer_direct;

extern const struct layer *const layers[];

int layers_climb(const struct layer *const *list, const struct volume *bottom, struct volume *ret);
int layers_grow(const struct layer *const *list, const struct volume *bottom, struct volume *ret);

#endif
