/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_LINUX_DEVICE_H
#define LIVEGROW_COMPAT_LINUX_DEVICE_H

#include <linux/version.h>
#include_next <linux/device.h>

/*
 * Defines a class_interface with callbacks that take the device alone, as all
 * do from 6.4 on.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)

#define DEFINE_CLASS_INTERFACE(name, add, remove)				\
static int name##_add(struct device *dev, struct class_interface *interface)	\
{										\
	return add(dev);							\
}										\
										\
static void name##_remove(struct device *dev, struct class_interface *interface) \
{										\
	remove(dev);								\
}										\
										\
static struct class_interface name = {						\
	.add_dev = name##_add,							\
	.remove_dev = name##_remove,						\
}

#else

#define DEFINE_CLASS_INTERFACE(name, add, remove)				\
static struct class_interface name = {						\
	.add_dev = add,								\
	.remove_dev = remove,							\
}

#endif

#endif /* LIVEGROW_COMPAT_LINUX_DEVICE_H */
