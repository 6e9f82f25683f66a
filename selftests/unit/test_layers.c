// SPDX-License-Identifier: GPL-2.0-or-later
/* The walk from a partition through layers: how far it reaches, and who grows before whom. */
#include <errno.h>
#include <string.h>

#include "ktap.h"
#include "layer.h"

#define MIB (UINT64_C(1) << 20)
#define HEADER (16 * MIB)

enum { DEV_PARTITION = 1, DEV_LUKS, DEV_LV };

/* The sizes of now, and what grew in which order. */
static struct {
	uint64_t luks, lv;
	char order[8];
	int luks_error, above_error, reach_error;
	bool lies;
} world;

static const struct volume partition = { "vda1", DEV_PARTITION, 1, MIB, 1000 * MIB };

static void world_make(void)
{
	memset(&world, 0, sizeof(world));
	world.luks = 484 * MIB;
	world.lv = 480 * MIB;
}

static void grown(char what)
{
	world.order[strlen(world.order)] = what;
}

static int luks_above(const struct volume *below, struct volume *ret)
{
	if (world.above_error)
		return world.above_error;
	if (below->dev != DEV_PARTITION)
		return -ENOENT;
	*ret = (struct volume){ "dm-0", DEV_LUKS, 0, 0, world.luks };
	return 0;
}

static int luks_reach(const struct volume *below, const struct volume *above, uint64_t *ret)
{
	CHECK_EQ(above->dev, DEV_LUKS);
	if (world.reach_error)
		return world.reach_error;
	*ret = below->size - HEADER;
	return 0;
}

static int luks_grow(const struct volume *below, const struct volume *above)
{
	CHECK_EQ(above->dev, DEV_LUKS);
	grown('c');
	if (!world.lies)
		world.luks = below->size - HEADER;
	return world.luks_error;
}

static int lv_above(const struct volume *below, struct volume *ret)
{
	if (below->dev != DEV_LUKS)
		return -ENOENT;
	*ret = (struct volume){ "dm-1", DEV_LV, 0, 0, world.lv };
	return 0;
}

/* In extents of 4 MiB, one of them for the metadata. */
static int lv_reach(const struct volume *below, const struct volume *above, uint64_t *ret)
{
	(void)above;
	*ret = below->size / (4 * MIB) * (4 * MIB) - 4 * MIB;
	return 0;
}

static int lv_grow(const struct volume *below, const struct volume *above)
{
	grown('l');
	return lv_reach(below, above, &world.lv);
}

static int endless_above(const struct volume *below, struct volume *ret)
{
	*ret = *below;
	ret->dev = below->dev + 1;
	return 0;
}

static const struct layer luks = { luks_above, luks_reach, luks_grow };
static const struct layer lv = { lv_above, lv_reach, lv_grow };
static const struct layer endless = { endless_above, lv_reach, lv_grow };

static const struct layer *const stack[] = { &luks, &lv, &layer_direct, NULL };

static void check_top(const struct volume *top, const char *name, uint64_t size)
{
	CHECK(!strcmp(top->name, name));
	CHECK_EQ(top->size, size);
	/* Reports are about the partition. */
	CHECK_EQ(top->number, 1);
}

static void test_directly(void)
{
	struct volume top;

	world_make();
	CHECK_EQ(layers_climb(layers, &partition, &top), 0);
	check_top(&top, "vda1", 1000 * MIB);
	CHECK_EQ(top.dev, DEV_PARTITION);
	CHECK_EQ(top.start, MIB);
	CHECK_EQ(layers_grow(layers, &partition, &top), 0);
	check_top(&top, "vda1", 1000 * MIB);
	CHECK_EQ(strlen(world.order), 0);
	ktap_result("the partition itself, where nothing lies between", NULL);
}

/* What each would have is judged by what the one below would have, not by its size of now. */
static void test_reach(void)
{
	struct volume top, larger = partition;

	world_make();
	CHECK_EQ(layers_climb(stack, &partition, &top), 0);
	check_top(&top, "dm-1", 980 * MIB);
	larger.size = 2000 * MIB;
	CHECK_EQ(layers_climb(stack, &larger, &top), 0);
	check_top(&top, "dm-1", 1980 * MIB);
	CHECK_EQ(strlen(world.order), 0);
	ktap_result("a stack's reach, on a size to come too", NULL);
}

static void test_in_order(void)
{
	struct volume top;

	world_make();
	CHECK_EQ(layers_grow(stack, &partition, &top), 0);
	check_top(&top, "dm-1", 980 * MIB);
	CHECK(!strcmp(world.order, "cl"));
	CHECK_EQ(layers_grow(stack, &partition, &top), 0);
	CHECK(!strcmp(world.order, "cl"));
	/* After a crash between the two. */
	world.lv = 480 * MIB;
	CHECK_EQ(layers_grow(stack, &partition, &top), 0);
	check_top(&top, "dm-1", 980 * MIB);
	CHECK(!strcmp(world.order, "cll"));
	ktap_result("each layer grows after the one below, and once", NULL);
}

static void test_failing(void)
{
	struct volume top;

	world_make();
	world.luks_error = -EPERM;
	CHECK_EQ(layers_grow(stack, &partition, &top), -EPERM);
	CHECK(!strcmp(world.order, "c"));
	world_make();
	world.lies = true;
	CHECK_EQ(layers_grow(stack, &partition, &top), -EIO);
	CHECK(!strcmp(world.order, "c"));
	world_make();
	world.above_error = -EACCES;
	CHECK_EQ(layers_climb(stack, &partition, &top), -EACCES);
	CHECK_EQ(layers_grow(stack, &partition, &top), -EACCES);
	world_make();
	world.reach_error = -EUCLEAN;
	CHECK_EQ(layers_climb(stack, &partition, &top), -EUCLEAN);
	CHECK_EQ(layers_grow(stack, &partition, &top), -EUCLEAN);
	CHECK_EQ(strlen(world.order), 0);
	ktap_result("an error ends it, and so does a layer that has not grown", NULL);
}

static void test_without_end(void)
{
	static const struct layer *const list[] = { &endless, &layer_direct, NULL };
	static const struct layer *const none[] = { NULL };
	struct volume top;

	world_make();
	CHECK_EQ(layers_climb(none, &partition, &top), -ENOENT);
	CHECK_EQ(layers_climb(list, &partition, &top), -ELOOP);
	ktap_result("layers without an end", NULL);
}

int main(void)
{
	test_directly();
	test_reach();
	test_in_order();
	test_failing();
	test_without_end();
	return ktap_end();
}
