/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_LINUX_SLAB_H
#define LIVEGROW_COMPAT_LINUX_SLAB_H

#include_next <linux/slab.h>

/* Since 7.0. */
#ifndef kzalloc_obj
#define kzalloc_obj(object)	kzalloc(sizeof(object), GFP_KERNEL)
#define kvzalloc_obj(object)	kvzalloc(sizeof(object), GFP_KERNEL)
#endif

#endif /* LIVEGROW_COMPAT_LINUX_SLAB_H */
