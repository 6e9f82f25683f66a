// SPDX-License-Identifier: GPL-2.0-or-later
/* Why a filesystem did not grow the last time: nobody but the events says that. */

#include <stdio.h>
#include <string.h>

#include <linux/livegrow.h>

#include "failure.h"
#include "nl_event.h"

/**
 * failure_hear() - take an event into account
 * @event: of any disk
 * @arg: the struct failure
 *
 * A failure counts until that filesystem has grown all the same, or its partition once more.
 * Its text is for root; others read its errno.
 */
void failure_hear(const struct record *event, void *arg)
{
	struct failure *f = arg;

	if (strcmp(event->disk, f->disk))
		return;
	if (event->event == LIVEGROW_EVENT_FAILED && event->step == LIVEGROW_STEP_FILESYSTEM) {
		f->is = true;
		f->part = event->part;
		f->capacity = event->capacity;
		if (event->reason_text[0])
			snprintf(f->text, sizeof(f->text), "%s", event->reason_text);
		else
			snprintf(f->text, sizeof(f->text), "its filesystem did not grow: %s",
				 strerror((int)(event->error & INT32_MAX)));
	} else if (event->event == LIVEGROW_EVENT_FILESYSTEM_GROWN ||
		   event->event == LIVEGROW_EVENT_PARTITION_GROWN) {
		f->is = f->is && event->part != f->part;
	}
}

/**
 * failure_recall() - take the events into account that the module remembers
 * @f: its disk is set
 *
 * Returns 0 or a negative errno.
 */
int failure_recall(struct failure *f)
{
	return lg_event_past(failure_hear, f);
}

/**
 * failure_holds() - whether it is what stands between a disk's size now and its filesystem's
 * @f: the failure
 * @disk: what the module says of the disk
 * @part: the partition's number, 0 for the disk
 */
bool failure_holds(const struct failure *f, const struct record *disk, uint32_t part)
{
	return f->is && f->part == part && f->capacity == disk->capacity;
}
