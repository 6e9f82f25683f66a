// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What became of the disks, in the store: history, one JSON object a line, the newest
 * last, with the keys of fields[]; and history.old, what was there before that file
 * had grown to its bound. Each begins with what it has of each disk that came before it,
 * in numbers: these go on when the oldest entries go.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"
#include "json.h"
#include "tally.h"

#define FILE_NOW "history"
#define FILE_OLD "history.old"
/* Never read: after a crash it is made anew. */
#define FILE_NEW "history.new"
/* About a thousand entries. */
#define FILE_MAX (256 << 10)

enum kind { TEXT, NUMBER };

#define FIELD(member, of_kind)                                                                     \
	{                                                                                          \
		.key = #member, .kind = of_kind, .offset = offsetof(struct history_entry, member), \
		.size = sizeof(((struct history_entry *)NULL)->member)                             \
	}

static const struct {
	const char *key;
	enum kind kind;
	size_t offset, size;
} fields[] = {
	FIELD(time, NUMBER),	     FIELD(event, TEXT),
	FIELD(disk, TEXT),	     FIELD(guid, TEXT),
	FIELD(partition, NUMBER),    FIELD(fstype, TEXT),
	FIELD(from, NUMBER),	     FIELD(to, NUMBER),
	FIELD(table_us, NUMBER),     FIELD(by, TEXT),
	FIELD(partition_us, NUMBER), FIELD(total_us, NUMBER),
	FIELD(error, NUMBER),	     FIELD(why, TEXT),
	FIELD(boot, TEXT),	     FIELD(at_ns, NUMBER),
	FIELD(grows, NUMBER),	     FIELD(failures, NUMBER),
};

/* What has no meaning is left out. */
static bool field_print(FILE *out, size_t i, const struct history_entry *e, const char *before)
{
	const char *place = (const char *)e + fields[i].offset;
	uint64_t number = 0;

	if (fields[i].kind == NUMBER)
		memcpy(&number, place, sizeof(number));
	if (fields[i].kind == NUMBER ? !number : !place[0])
		return false;
	fprintf(out, "%s\"%s\":", before, fields[i].key);
	if (fields[i].kind == NUMBER)
		fprintf(out, "%" PRIu64, number);
	else
		json_string(out, place);
	return true;
}

static void entry_print(FILE *out, const struct history_entry *e)
{
	const char *before = "{";

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (field_print(out, i, e, before))
			before = ",";
	fputs("}\n", out);
}

static bool entry_parse(const char *line, struct history_entry *ret)
{
	struct history_entry e = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char text[32], *place = (char *)&e + fields[i].offset;
		uint64_t number;

		if (fields[i].kind == TEXT) {
			json_member(line, fields[i].key, place, fields[i].size);
		} else if (json_member(line, fields[i].key, text, sizeof(text))) {
			number = strtoull(text, NULL, 10);
			memcpy(place, &number, sizeof(number));
		}
	}
	*ret = e;
	return e.disk[0] && (e.event[0] ? e.time != 0 : e.grows || e.failures);
}

static FILE *file_open(int dir, const char *name, int flags, const char *mode)
{
	int fd = openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	FILE *file = fd < 0 ? NULL : fdopen(fd, mode);

	if (!file && fd >= 0)
		close(fd);
	return file;
}

/* Durable, or not all there. */
static int file_close(FILE *file)
{
	int r = fflush(file) == EOF || ferror(file) || fsync(fileno(file)) < 0 ? -errno : 0;

	if (fclose(file) == EOF && r == 0)
		r = -errno;
	return r;
}

static int file_read(int dir, const char *name, history_fn fn, void *arg)
{
	FILE *file = file_open(dir, name, O_RDONLY, "r");
	struct history_entry entry;
	char *line = NULL;
	size_t size = 0;
	int r = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && getline(&line, &size, file) > 0)
		if (entry_parse(line, &entry))
			r = fn(&entry, arg);
	free(line);
	fclose(file);
	return r;
}

static int lines_read(int dir, history_fn fn, void *arg)
{
	int r = file_read(dir, FILE_OLD, fn, arg);

	return r ? r : file_read(dir, FILE_NOW, fn, arg);
}

static int fresh_write(int dir, const struct tallies *before)
{
	FILE *file;

	unlinkat(dir, FILE_NEW, 0);
	file = file_open(dir, FILE_NEW, O_WRONLY | O_CREAT | O_EXCL, "w");
	if (!file)
		return -errno;
	for (size_t i = 0; i < before->n; i++) {
		const struct tally *t = &before->list[i];
		struct history_entry e = { .time = t->time, .grows = t->grows };

		e.failures = t->failures;
		e.total_us = t->total_us;
		snprintf(e.disk, sizeof(e.disk), "%s", t->disk);
		entry_print(file, &e);
	}
	return file_close(file);
}

/* A crash between the two renames leaves no newest file: then this is done once more. */
static int file_begin(int dir)
{
	struct tallies before = { 0 };
	int r = lines_read(dir, tally_add, &before);

	if (r == 0)
		r = fresh_write(dir, &before);
	free(before.list);
	if (r == 0 && renameat(dir, FILE_NOW, dir, FILE_OLD) < 0 && errno != ENOENT)
		r = -errno;
	if (r == 0 && renameat(dir, FILE_NEW, dir, FILE_NOW) < 0)
		r = -errno;
	return r;
}

static int bound(int dir)
{
	struct stat st;

	if (fstatat(dir, FILE_NOW, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return -errno;
	} else if (st.st_size < FILE_MAX) {
		return 0;
	}
	return file_begin(dir);
}

/* A line that a power cut left without its end would take the next one with it. */
static void line_begin(FILE *file)
{
	if (fseek(file, -1, SEEK_END) == 0 && fgetc(file) != '\n') {
		fseek(file, 0, SEEK_END);
		fputc('\n', file);
	}
	fseek(file, 0, SEEK_END);
}

static bool is_same(const struct history_entry *a, const struct history_entry *b)
{
	return a->at_ns && a->at_ns == b->at_ns && !strcmp(a->boot, b->boot);
}

/**
 * struct batch - what is to be added
 * @n: their number
 * @known: which of them are there already
 */
struct batch {
	const struct history_entry *entries;
	size_t n;
	bool *known;
};

static int on_known(const struct history_entry *entry, void *arg)
{
	struct batch *batch = arg;

	for (size_t i = 0; i < batch->n; i++)
		batch->known[i] |= is_same(&batch->entries[i], entry);
	return 0;
}

static int batch_print(int dir, const struct batch *batch)
{
	FILE *file = file_open(dir, FILE_NOW, O_RDWR | O_CREAT, "r+");

	if (!file)
		return -errno;
	line_begin(file);
	for (size_t i = 0; i < batch->n; i++)
		if (!batch->known[i])
			entry_print(file, &batch->entries[i]);
	return file_close(file);
}

struct reader {
	history_fn fn;
	void *arg;
};

static int on_line(const struct history_entry *entry, void *arg)
{
	const struct reader *reader = arg;

	return entry->event[0] ? reader->fn(entry, reader->arg) : 0;
}

/**
 * history_read() - call with every entry, the oldest first
 * @dir: of store_open()
 * @fn: returns 0, or what ends it
 * @arg: for @fn
 *
 * A line that is none of ours is passed over.
 *
 * Returns 0, what @fn returned, or a negative errno.
 */
int history_read(int dir, history_fn fn, void *arg)
{
	struct reader reader = { fn, arg };

	return lines_read(dir, on_line, &reader);
}

/**
 * history_tally() - count what has ever become of each disk
 * @dir: of store_open()
 * @t: receives it; what it has is kept
 *
 * Returns 0 or a negative errno.
 */
int history_tally(int dir, struct tallies *t)
{
	return lines_read(dir, tally_add, t);
}

/**
 * history_append() - add entries, durably
 * @dir: of store_make()
 * @entries: oldest first
 * @n: their number
 *
 * One that is there already is passed over: the module remembers for longer than
 * the daemon lives.
 *
 * Returns 0 or a negative errno; part of them may be written then.
 */
int history_append(int dir, const struct history_entry *entries, size_t n)
{
	struct batch batch = { .entries = entries, .n = n, .known = calloc(n, sizeof(bool)) };
	bool all = true;
	int r;

	if (!batch.known)
		return -ENOMEM;
	r = history_read(dir, on_known, &batch);
	for (size_t i = 0; i < n; i++)
		all &= batch.known[i];
	if (r == 0 && !all)
		r = bound(dir);
	if (r == 0 && !all)
		r = batch_print(dir, &batch);
	free(batch.known);
	return r;
}
