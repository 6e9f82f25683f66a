// SPDX-License-Identifier: GPL-2.0-or-later
/* Ask for a look at a disk and wait for its end. */

#include <errno.h>
#include <poll.h>
#include <string.h>

#include <linux/livegrow.h>

#include "look.h"
#include "nl_disk.h"
#include "nl_event.h"

/* Then it is asked whether the look ended unheard, or the module went. */
#define PATIENCE_MS 2000

/* @back is NULL where a grow is asked for. */
struct wait {
	struct look *look;
	const struct rollback *back;
	uint32_t flags;
	uint32_t number;
	bool dry, ended;
	struct record result;
};

/**
 * look_open() - connect for requests and for events
 * @look: receives the connections; unchanged after an error
 * @lg: room for the one
 * @events: room for the other
 *
 * Returns 0, or the errors of lg_open().
 */
int look_open(struct look *look, struct lg *lg, struct lg *events)
{
	int r = lg_open(lg);

	if (r < 0)
		return r;
	r = lg_event_open(events);
	if (r < 0) {
		lg_close(lg);
		return r;
	}
	look->lg = lg;
	look->events = events;
	return 0;
}

/** look_close() - the end of look_open(). */
void look_close(struct look *look)
{
	lg_close(look->events);
	lg_close(look->lg);
}

/* Numbers of looks wrap around. */
static bool reached(uint32_t look, uint32_t number)
{
	return (int32_t)(look - number) >= 0;
}

/* A dry run and a real look can overtake each other: the flags tell them apart. */
static void on_event(const struct record *event, void *arg)
{
	struct wait *wait = arg;
	bool dry = event->flags & LIVEGROW_FLAG_DRY_RUN;

	if (strcmp(event->disk, wait->look->disk))
		return;
	if (event->event == LIVEGROW_EVENT_TABLE_UPDATED)
		wait->look->table_updated = true;
	if (event->event == LIVEGROW_EVENT_RECOVERED)
		wait->look->recovered = true;
	if (event->event == LIVEGROW_EVENT_PARTITION_GROWN && !wait->look->part_old_size)
		wait->look->part_old_size = event->part_old_size;
	/* After one with bounds, a look without them follows. */
	if (wait->ended || event->event != LIVEGROW_EVENT_SETTLED || dry != wait->dry ||
	    !reached(event->look, wait->number))
		return;
	wait->result = *event;
	wait->ended = true;
}

static int request(struct wait *wait)
{
	struct look *look = wait->look;

	if (wait->back)
		return lg_disk_rollback(look->lg, look->disk, wait->back, wait->flags,
					&wait->number);
	return lg_disk_grow(look->lg, look->disk, wait->flags, look->bounds, &wait->number);
}

/* A dry run leaves nothing behind that could be asked for: it is run again. */
static int catch_up(struct wait *wait)
{
	struct record disk;
	int r;

	if (wait->dry)
		return request(wait);
	r = lg_disk_get(wait->look->lg, wait->look->disk, &disk);
	if (r < 0)
		return r;
	if (!reached(disk.look, wait->number))
		return 0;
	wait->result = disk;
	wait->ended = true;
	return 0;
}

static int wait_step(struct wait *wait)
{
	struct pollfd fd = { .fd = lg_fd(wait->look->events), .events = POLLIN };
	int r = poll(&fd, 1, PATIENCE_MS);

	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	if (r == 0)
		return catch_up(wait);
	r = lg_event_recv(wait->look->events, on_event, wait);
	return r == -ENOBUFS ? catch_up(wait) : r;
}

static int ask(struct look *look, const struct rollback *back, uint32_t flags, struct record *ret)
{
	struct wait wait = {
		.look = look,
		.back = back,
		.flags = flags,
		.dry = flags & LIVEGROW_FLAG_DRY_RUN,
	};
	int r = request(&wait);

	while (r == 0 && !wait.ended)
		r = wait_step(&wait);
	if (r == 0)
		*ret = wait.result;
	return r;
}

/**
 * look_ask() - ask for a look at a disk and wait for its end
 * @look: the disk and the connections; receives what was done meanwhile
 * @flags: enum livegrow_flags
 * @ret: receives the disk's attributes at the look's end
 *
 * Returns 0, or a negative errno; the words for it are those of @look->lg.
 */
int look_ask(struct look *look, uint32_t flags, struct record *ret)
{
	return ask(look, NULL, flags, ret);
}

/**
 * look_rollback() - ask for a rollback and wait for the end of its look
 * @look: as for look_ask()
 * @back: what to go back to
 * @flags: LIVEGROW_FLAG_DRY_RUN or 0
 * @ret: receives the disk's attributes at the look's end
 *
 * Returns as look_ask() does.
 */
int look_rollback(struct look *look, const struct rollback *back, uint32_t flags,
		  struct record *ret)
{
	return ask(look, back, flags, ret);
}
