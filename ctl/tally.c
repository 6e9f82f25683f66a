// SPDX-License-Identifier: GPL-2.0-or-later
/* How often each disk has grown, and failed to. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tally.h"

/** tally_of() - that of a disk, which begins with nothing; NULL without memory. */
struct tally *tally_of(struct tallies *t, const char *disk)
{
	struct tally *more;

	for (size_t i = 0; i < t->n; i++)
		if (!strcmp(t->list[i].disk, disk))
			return &t->list[i];
	more = reallocarray(t->list, t->n + 1, sizeof(*more));
	if (!more)
		return NULL;
	t->list = more;
	more += t->n++;
	*more = (struct tally){ 0 };
	snprintf(more->disk, sizeof(more->disk), "%s", disk);
	return more;
}

/* What was counted from the entries themselves is as much, unless one is damaged. */
static void add_before(struct tally *t, const struct history_entry *before)
{
	if (before->failures > t->failures)
		t->failures = before->failures;
	if (before->grows <= t->grows)
		return;
	t->grows = before->grows;
	t->time = before->time;
	t->total_us = before->total_us;
}

/**
 * tally_add() - count one more line of the history
 * @entry: the line; oldest first
 * @arg: the struct tallies
 *
 * Returns 0 or -ENOMEM.
 */
int tally_add(const struct history_entry *entry, void *arg)
{
	struct tally *t = tally_of(arg, entry->disk);

	if (!t)
		return -ENOMEM;
	if (!entry->event[0]) {
		add_before(t, entry);
	} else if (!strcmp(entry->event, "failed")) {
		t->failures++;
	} else if (strstr(entry->event, "-grown")) {
		t->grows++;
		t->time = entry->time;
		t->total_us = entry->total_us;
	}
	return 0;
}
