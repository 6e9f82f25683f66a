/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_COMPAT_SYS_PIDFD_H
#define GROWCTL_COMPAT_SYS_PIDFD_H

#if __has_include_next(<sys/pidfd.h>)

#include_next <sys/pidfd.h>

#else

/* glibc before 2.36 has none of it, the kernel has. */
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define P_PIDFD ((idtype_t)3)

static inline int pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

#endif

#endif
