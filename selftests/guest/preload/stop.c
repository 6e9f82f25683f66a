// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stops a process at an ioctl, so that a test can act at that moment:
 *
 *   STOP_BEFORE=0xc0045877 LD_PRELOAD=/usr/sbin/stop.so growctl rollback vda
 *
 * STOP_BEFORE and STOP_AFTER are the number of a request. The process stops as
 * by SIGSTOP before that request, or after it has succeeded; SIGCONT lets it
 * go on. Only symbols that every C library has are used, since the guest may
 * have an older one than the machine that builds this.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void stop_at(const char *name, unsigned long request)
{
	const char *wanted = getenv(name);

	if (wanted && strtoul(wanted, NULL, 0) == request)
		kill(getpid(), SIGSTOP);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *argument;
	long r;

	va_start(ap, request);
	argument = va_arg(ap, void *);
	va_end(ap);
	stop_at("STOP_BEFORE", request);
	r = syscall(SYS_ioctl, fd, request, argument);
	if (r >= 0)
		stop_at("STOP_AFTER", request);
	return (int)r;
}
