/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_COMPAT_UNISTD_H
#define GROWCTL_COMPAT_UNISTD_H

#include_next <unistd.h>

#if !__GLIBC_PREREQ(2, 34)

#include <sys/syscall.h>

static inline int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)syscall(__NR_close_range, first, last, flags);
}

#endif

#endif
