// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hear of disks that come and go. The block class is not exported to modules, but every
 * gendisk has a pointer to it: a gendisk that is never added serves to find it.
 */
#include <linux/atomic.h>
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/err.h>

#include "disk.h"
#include "enumerate.h"

static bool is_disk(const struct device *dev)
{
	return dev->type && !strcmp(dev->type->name, "disk");
}

/* There was no memory for a disk that was added. */
static atomic_t missed;

static int add_disk_of(struct device *dev)
{
	struct gendisk *gendisk = is_disk(dev) ? dev_to_disk(dev) : NULL;

	if (!gendisk || gendisk->flags & GENHD_FL_HIDDEN || lg_disk_is_known(gendisk))
		return 0;
	if (!lg_disk_add(gendisk))
		return 0;
	atomic_set(&missed, 1);
	pr_err("%s: cannot watch it: out of memory. Try: udevadm trigger /dev/%s\n",
	       gendisk->disk_name, gendisk->disk_name);
	return -ENOMEM;
}

static void remove_disk_of(struct device *dev)
{
	if (is_disk(dev))
		lg_disk_remove(dev_to_disk(dev));
}

DEFINE_CLASS_INTERFACE(disks, add_disk_of, remove_disk_of);

/* The interface above hears of removals. */
static void ignore(struct device *dev)
{
}

DEFINE_CLASS_INTERFACE(disks_again, add_disk_of, ignore);

int lg_enumerate_start(void)
{
	struct gendisk *gendisk = blk_alloc_disk(NULL, NUMA_NO_NODE);

	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	disks.class = disk_to_dev(gendisk)->class;
	put_disk(gendisk);
	return class_interface_register(&disks);
}

/*
 * To register an interface walks all devices of the class under its mutex. So no disk
 * goes while it is added, and the first interface hears when it goes later.
 */
void lg_enumerate_missed(void)
{
	if (!atomic_xchg(&missed, 0))
		return;
	disks_again.class = disks.class;
	if (class_interface_register(&disks_again)) {
		atomic_set(&missed, 1);
		return;
	}
	class_interface_unregister(&disks_again);
}

void lg_enumerate_stop(void)
{
	class_interface_unregister(&disks);
}
