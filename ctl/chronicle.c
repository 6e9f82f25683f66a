// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The daemon's part of the history: what it hears of the module, until a process
 * that may wait for /var has stored it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "chronicle.h"
#include "names.h"
#include "sysfs.h"
#include "table.h"
#include "util.h"

/* Where nothing can be stored, the first ones tell more than their repetitions. */
#define KEPT_MAX 256

static size_t person_find(const struct chronicle *c, const char *disk)
{
	size_t i = 0;

	while (i < c->n_person && strcmp(c->person[i], disk))
		i++;
	return i;
}

static void person_set(struct chronicle *c, const char *disk, bool is)
{
	size_t i = person_find(c, disk);
	char(*more)[NAME_SIZE];

	if (is == (i < c->n_person))
		return;
	if (!is) {
		memcpy(c->person[i], c->person[--c->n_person], NAME_SIZE);
		return;
	}
	more = reallocarray(c->person, c->n_person + 1, sizeof(*more));
	if (!more)
		return;
	c->person = more;
	snprintf(more[c->n_person++], NAME_SIZE, "%s", disk);
}

static const char *by_whom(const struct chronicle *c, const char *disk)
{
	return person_find(c, disk) < c->n_person ? "person" : "auto";
}

/* What an earlier look did nobody had asked for: the module does not remember such a look's end. */
static const char *asked_by(const struct history_entry *entry, const struct record *end)
{
	return entry->look == end->look && end->flags & LIVEGROW_FLAG_ASKED ? "person" : "auto";
}

/* The look's end tells who asked for what was heard of it. */
static void settle(struct chronicle *c, const struct record *end)
{
	bool any = false;

	if (end->flags & LIVEGROW_FLAG_DRY_RUN)
		return;
	for (size_t i = 0; i < c->n; i++) {
		struct history_entry *entry = &c->entries[i];

		if (entry->by[0] || strcmp(entry->disk, end->disk))
			continue;
		snprintf(entry->by, sizeof(entry->by), "%s", asked_by(entry, end));
		any = true;
	}
	if (end->flags & LIVEGROW_FLAG_ASKED || any)
		person_set(c, end->disk, end->flags & LIVEGROW_FLAG_ASKED);
}

/* Without it nothing is told apart from what was stored before. */
static void boot_read(char ret[GUID_SIZE])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, ret, GUID_SIZE - 1);

	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
}

static uint64_t us_since_change(const struct record *e, int attr, uint64_t time)
{
	uint64_t ns;

	return record_since_change(e, attr, time, &ns) ? ns / 1000 : 0;
}

static void entry_fill(const struct chronicle *c, const struct record *e, struct history_entry *ret)
{
	bool is_fs = record_has(e, LIVEGROW_A_FS_TYPE);

	*ret = (struct history_entry){
		.time = clock_when(e->time),
		.at_ns = e->time,
		.look = e->look,
		.partition = e->part,
		.from = is_fs ? e->fs_old_size : e->part_old_size,
		.table_us = us_since_change(e, LIVEGROW_A_TIME_TABLE, e->time_table),
		.partition_us = us_since_change(e, LIVEGROW_A_TIME_PART, e->time_part),
		.total_us = us_since_change(e, LIVEGROW_A_TIME, e->time),
		.error = e->event == LIVEGROW_EVENT_FAILED ? e->error : 0,
	};
	if (ret->from)
		ret->to = is_fs ? e->fs_size : e->part_size;
	snprintf(ret->event, sizeof(ret->event), "%s", name_of_event(e->event));
	snprintf(ret->disk, sizeof(ret->disk), "%s", e->disk);
	snprintf(ret->boot, sizeof(ret->boot), "%s", c->boot);
	snprintf(ret->fstype, sizeof(ret->fstype), "%s", e->fs_type);
	/* No look's end will tell of these. */
	if (is_fs)
		snprintf(ret->by, sizeof(ret->by), "%s", by_whom(c, e->disk));
	if (e->event == LIVEGROW_EVENT_ROLLED_BACK)
		snprintf(ret->by, sizeof(ret->by), "person");
	if (ret->error)
		snprintf(ret->why, sizeof(ret->why), "%s", record_reason(e));
}

/* Of what the module remembers, some may be heard as well. */
static bool is_heard(const struct chronicle *c, uint64_t at_ns)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->entries[i].at_ns == at_ns)
			return true;
	return false;
}

static void add(struct chronicle *c, const struct record *event)
{
	struct history_entry *more;

	if (c->n == KEPT_MAX || is_heard(c, event->time))
		return;
	if (!c->boot[0])
		boot_read(c->boot);
	more = reallocarray(c->entries, c->n + 1, sizeof(*more));
	if (!more)
		return;
	c->entries = more;
	entry_fill(c, event, &more[c->n]);
	c->n++;
}

/**
 * chronicle_hear() - keep what is to be told later
 * @c: the chronicle
 * @event: of the module
 */
void chronicle_hear(struct chronicle *c, const struct record *event)
{
	switch (event->event) {
	case LIVEGROW_EVENT_CAPACITY_CHANGED:
		person_set(c, event->disk, false);
		break;
	case LIVEGROW_EVENT_SETTLED:
		settle(c, event);
		break;
	case LIVEGROW_EVENT_PARTITION_GROWN:
	case LIVEGROW_EVENT_ROLLED_BACK:
	case LIVEGROW_EVENT_RECOVERED:
	case LIVEGROW_EVENT_FILESYSTEM_GROWN:
	case LIVEGROW_EVENT_FAILED:
		add(c, event);
		break;
	}
}

/**
 * chronicle_past_end() - what was heard so far is what the module remembered
 * @c: the chronicle
 *
 * Of looks that nobody had asked for, it does not remember the end.
 */
void chronicle_past_end(struct chronicle *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!c->entries[i].by[0])
			snprintf(c->entries[i].by, sizeof(c->entries[i].by), "auto");
}

/* A disk's name may be another's after a boot. */
static void guid_find(struct history_entry *entry)
{
	struct volume volume;
	struct table table;
	uint32_t lba_size;

	if (volume_read(entry->disk, &volume) < 0 || table_of_disk(&volume, &table, &lba_size) < 0)
		return;
	memcpy(entry->guid, table.guid, sizeof(entry->guid));
	free(table.bytes);
}

/**
 * chronicle_store() - add all to the history
 * @c: the chronicle, which keeps them
 * @dir: of store_make()
 *
 * Returns 0 or a negative errno.
 */
int chronicle_store(struct chronicle *c, int dir)
{
	for (size_t i = 0; i < c->n; i++)
		/* Partition and filesystem stand beside each other: one read serves both. */
		if (i && !strcmp(c->entries[i].disk, c->entries[i - 1].disk))
			memcpy(c->entries[i].guid, c->entries[i - 1].guid, GUID_SIZE);
		else
			guid_find(&c->entries[i]);
	return c->n ? history_append(dir, c->entries, c->n) : 0;
}

/** chronicle_drop() - forget the oldest @n. */
void chronicle_drop(struct chronicle *c, size_t n)
{
	c->n -= n;
	memmove(c->entries, c->entries + n, c->n * sizeof(*c->entries));
}

/** chronicle_clear() - forget everything. */
void chronicle_clear(struct chronicle *c)
{
	free(c->entries);
	free(c->person);
	*c = (struct chronicle){ 0 };
}
