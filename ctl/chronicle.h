/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CHRONICLE_H
#define GROWCTL_CHRONICLE_H

#include "history.h"
#include "record.h"

/**
 * struct chronicle - what the daemon has heard and not stored yet
 * @entries: oldest first
 * @n: their number
 * @boot: which boot this is, once there is one
 * @person: the disks whose newest growth a person asked for
 */
struct chronicle {
	struct history_entry *entries;
	size_t n;
	char boot[GUID_SIZE];
	char (*person)[NAME_SIZE];
	size_t n_person;
};

void chronicle_hear(struct chronicle *c, const struct record *event);
void chronicle_past_end(struct chronicle *c);
int chronicle_store(struct chronicle *c, int dir);
void chronicle_drop(struct chronicle *c, size_t n);
void chronicle_clear(struct chronicle *c);

#endif
