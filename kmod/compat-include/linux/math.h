/* SPDX-License-Identifier: GPL-2.0-only */
/* Before Linux 5.11 its macros are in linux/kernel.h. */
#ifndef LIVEGROW_COMPAT_LINUX_MATH_H
#define LIVEGROW_COMPAT_LINUX_MATH_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#include <linux/kernel.h>
#else
#include_next <linux/math.h>
#endif

#endif /* LIVEGROW_COMPAT_LINUX_MATH_H */
