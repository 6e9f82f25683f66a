// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the service manager is told, as sd_notify(3) documents the protocol. Not by
 * libsystemd: that brings compressors and ciphers into a daemon that needs one datagram,
 * on Debian 11 two MiB of them, and its manual offers the protocol for such a case.
 */

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

#define STATE_TEXT 256

/* A path, or with "@" in front a name of Linux's own; returns its length, or 0 where it is neither. */
static socklen_t address_of(const char *name, struct sockaddr_un *ret)
{
	size_t len = name ? strlen(name) : 0;

	if (len < 2 || len >= sizeof(ret->sun_path) || (name[0] != '/' && name[0] != '@'))
		return 0;
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, name, len);
	if (name[0] == '@')
		ret->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static int send_to(const struct sockaddr_un *address, socklen_t len, const char *text)
{
	int r, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	r = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const void *)address, len) < 0 ? -errno :
											   0;
	close(fd);
	return r;
}

/**
 * notify() - tell the service manager of a change of state
 * @format: of printf(3), for lines such as "READY=1"
 *
 * Returns 0, also where nobody wants to know, or a negative errno.
 */
int notify(const char *format, ...)
{
	struct sockaddr_un address;
	socklen_t len = address_of(getenv("NOTIFY_SOCKET"), &address);
	char text[STATE_TEXT];
	va_list ap;

	if (!len)
		return 0;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	return send_to(&address, len, text);
}
