// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block class is not exported to modules, but every gendisk names it. One
 * that is never added serves to find it.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/err.h>

#include "disk.h"
#include "enumerate.h"

static bool is_disk(const struct device *dev)
{
	return dev->type && !strcmp(dev->type->name, "disk");
}

static int add_disk_of(struct device *dev)
{
	struct gendisk *gendisk = is_disk(dev) ? dev_to_disk(dev) : NULL;

	if (!gendisk || gendisk->flags & GENHD_FL_HIDDEN)
		return 0;
	return lg_disk_add(gendisk);
}

static void remove_disk_of(struct device *dev)
{
	if (is_disk(dev))
		lg_disk_remove(dev_to_disk(dev));
}

DEFINE_CLASS_INTERFACE(disks, add_disk_of, remove_disk_of);

int lg_enumerate_start(void)
{
	struct gendisk *gendisk = blk_alloc_disk(NULL, NUMA_NO_NODE);

	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	disks.class = disk_to_dev(gendisk)->class;
	put_disk(gendisk);
	return class_interface_register(&disks);
}

void lg_enumerate_stop(void)
{
	class_interface_unregister(&disks);
}
