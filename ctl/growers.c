// SPDX-License-Identifier: GPL-2.0-or-later
/* All filesystems that are growing now. */

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>

#include "growers.h"

/**
 * growers_open() - none yet
 * @g: what to set up; growers_close() it
 *
 * Returns 0 or a negative errno.
 */
int growers_open(struct growers *g)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return -errno;
	*g = (struct growers){ .epoll = fd };
	return 0;
}

/** growers_close() - let go of them: each finishes by itself, however long that takes. */
void growers_close(struct growers *g)
{
	for (size_t i = 0; i < g->n; i++)
		close(g->list[i].pidfd);
	free(g->list);
	if (g->epoll >= 0)
		close(g->epoll);
	*g = (struct growers){ .epoll = -1 };
}

/** growers_have() - whether the device's filesystem is growing now. */
bool growers_have(const struct growers *g, dev_t dev)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->list[i].dev == dev)
			return true;
	return false;
}

/*
 * What is reported the daemon hears, and tells as it does any event. That the
 * kernel is busy it tells, once, when it looks and finds the same.
 */
static void tell(int err, const char *text, bool reported)
{
	if (!reported && err != -EINPROGRESS)
		log_line(err < 0 ? LOG_ERR : LOG_INFO, "%s", text);
}

/**
 * growers_start() - begin to grow a filesystem
 * @g: the processes
 * @disk: the disk's name
 * @fs: as for grower_start()
 *
 * Returns 0 or a negative errno.
 */
int growers_start(struct growers *g, const char *disk, const struct fs *fs)
{
	struct grower *more = reallocarray(g->list, g->n + 1, sizeof(*more));
	struct epoll_event event = { .events = EPOLLIN };
	int r;

	if (!more)
		return -ENOMEM;
	g->list = more;
	r = grower_start(disk, fs, tell, &more[g->n]);
	if (r < 0)
		return r;
	/* One whose end is not told is taken at the next hint. */
	epoll_ctl(g->epoll, EPOLL_CTL_ADD, more[g->n].pidfd, &event);
	g->n++;
	return 0;
}

/** growers_patience() - milliseconds until growers_take() has something to tell; -1 for never. */
int growers_patience(const struct growers *g)
{
	int least = -1;

	for (size_t i = 0; i < g->n; i++) {
		int ms = grower_patience(&g->list[i]);

		if (ms >= 0 && (least < 0 || ms < least))
			least = ms;
	}
	return least;
}

/**
 * growers_take() - take the ends of those that ended, tell of those that do not
 * @g: the processes
 * @memory: receives what is not to be tried again
 */
void growers_take(struct growers *g, struct memory *memory)
{
	enum grower_end end;
	size_t kept = 0;

	for (size_t i = 0; i < g->n; i++) {
		struct grower *one = &g->list[i];

		if (!grower_ended(one, &end)) {
			grower_tell_late(one);
			g->list[kept++] = *one;
		} else if (end != GROWER_GROWN && end != GROWER_BUSY) {
			memory_fs_keep(memory, one->dev, one->size, true);
		}
	}
	g->n = kept;
}
