// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the daemon's journal has of the module's events: a line for people, and for
 * journalctl and whoever collects logs the fields
 *
 *   LIVEGROW_EVENT           "partition-grown", "filesystem-grown", "failed", ...
 *   LIVEGROW_DISK            "vda"
 *   LIVEGROW_PARTITION       its number; absent for a filesystem on the whole disk
 *   LIVEGROW_FSTYPE          of a filesystem
 *   LIVEGROW_OLD_SIZE, LIVEGROW_SIZE     bytes
 *   LIVEGROW_ERRNO           of a failure, positive
 *   LIVEGROW_TABLE_USEC, LIVEGROW_PARTITION_USEC, LIVEGROW_USEC
 *                            from the change of the disk's size until its table was
 *                            durable, its partition grown, and this event
 */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "journal.h"
#include "names.h"
#include "util.h"

#define FIELDS_MAX 16
#define FIELD_TEXT 400

struct entry {
	char texts[FIELDS_MAX][FIELD_TEXT];
	size_t n;
};

static void __attribute__((format(printf, 2, 3))) put(struct entry *entry, const char *format, ...)
{
	va_list ap;

	if (entry->n == FIELDS_MAX)
		return;
	va_start(ap, format);
	vsnprintf(entry->texts[entry->n++], FIELD_TEXT, format, ap);
	va_end(ap);
}

static void since_put(struct entry *entry, const char *name, const struct record *e, int attr,
		      uint64_t time)
{
	uint64_t ns;

	if (record_since_change(e, attr, time, &ns))
		put(entry, "%s=%" PRIu64, name, ns / 1000);
}

/* The line for people; returns its level, or -1 for what is told by its consequences. */
static int words_of(const struct record *e, char ret[FIELD_TEXT])
{
	char name[NAME_SIZE + 12], sizes[SIZES_TEXT];

	partition_name(e->disk, e->part, name, sizeof(name));
	switch (e->event) {
	case LIVEGROW_EVENT_PARTITION_GROWN:
		snprintf(ret, FIELD_TEXT, "%s: grown %s", name,
			 sizes_words(e->part_old_size, e->part_size, sizes));
		return LOG_INFO;
	case LIVEGROW_EVENT_ROLLED_BACK:
		snprintf(ret, FIELD_TEXT, "%s: rolled back %s", name,
			 sizes_words(e->part_old_size, e->part_size, sizes));
		return LOG_NOTICE;
	case LIVEGROW_EVENT_FILESYSTEM_GROWN:
		snprintf(ret, FIELD_TEXT, "%s: %s grown %s", name, e->fs_type,
			 sizes_words(e->fs_old_size, e->fs_size, sizes));
		return LOG_INFO;
	case LIVEGROW_EVENT_RECOVERED:
		snprintf(ret, FIELD_TEXT, "%s: the primary GPT was recovered", e->disk);
		return LOG_NOTICE;
	case LIVEGROW_EVENT_FAILED:
		snprintf(ret, FIELD_TEXT, "%s: %s", name, record_reason(e));
		return LOG_ERR;
	default:
		return -1;
	}
}

static void sizes_put(struct entry *entry, const struct record *e)
{
	bool is_fs = record_has(e, LIVEGROW_A_FS_TYPE);

	if (is_fs)
		put(entry, "LIVEGROW_FSTYPE=%s", e->fs_type);
	if (!is_fs && !record_has(e, LIVEGROW_A_PART_OLD_SIZE))
		return;
	put(entry, "LIVEGROW_OLD_SIZE=%" PRIu64, is_fs ? e->fs_old_size : e->part_old_size);
	put(entry, "LIVEGROW_SIZE=%" PRIu64, is_fs ? e->fs_size : e->part_size);
}

static void entry_make(const struct record *e, int level, const char *words, struct entry *entry)
{
	put(entry, "MESSAGE=%s", words);
	put(entry, "PRIORITY=%d", level);
	put(entry, "LIVEGROW_EVENT=%s", name_of_event(e->event));
	put(entry, "LIVEGROW_DISK=%s", e->disk);
	if (e->part)
		put(entry, "LIVEGROW_PARTITION=%" PRIu32, e->part);
	sizes_put(entry, e);
	if (e->event == LIVEGROW_EVENT_FAILED)
		put(entry, "LIVEGROW_ERRNO=%" PRIu32, e->error);
	since_put(entry, "LIVEGROW_TABLE_USEC", e, LIVEGROW_A_TIME_TABLE, e->time_table);
	since_put(entry, "LIVEGROW_PARTITION_USEC", e, LIVEGROW_A_TIME_PART, e->time_part);
	since_put(entry, "LIVEGROW_USEC", e, LIVEGROW_A_TIME, e->time);
}

/*
 * By a socket of its own, and not by sd_journal_sendv(): that waits for room in a queue
 * which all services share, and while /var/log is frozen there is none.
 */
static int entry_send(const struct entry *entry)
{
	static const struct sockaddr_un journald = {
		.sun_family = AF_UNIX,
		.sun_path = "/run/systemd/journal/socket",
	};
	struct iovec fields[2 * FIELDS_MAX];
	struct msghdr msg = {
		.msg_name = (void *)&journald,
		.msg_namelen = sizeof(journald),
		.msg_iov = fields,
		.msg_iovlen = 2 * entry->n,
	};
	int r, fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < entry->n; i++) {
		fields[2 * i] = (struct iovec){ (void *)entry->texts[i], strlen(entry->texts[i]) };
		fields[2 * i + 1] = (struct iovec){ (void *)"\n", 1 };
	}
	r = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/**
 * journal_event() - tell one of the module's events
 * @event: what was heard; one that says nothing new is passed over
 *
 * Where there is no journal at standard error, or it takes nothing now, the line alone
 * goes there. A process that ends right after it would be no unit's to journald.
 */
void journal_event(const struct record *event)
{
	struct entry entry = { .n = 0 };
	char words[FIELD_TEXT];
	int level = words_of(event, words);

	if (level < 0)
		return;
	entry_make(event, level, words, &entry);
	if (!log_is_journal() || entry_send(&entry) < 0)
		log_line(level, "%s", words);
}
