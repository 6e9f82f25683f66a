// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl history: what became of the disks, the newest last. The daemon stores it; it
 * does without the module.
 *
 *   {"history": [ROW...]}
 *
 *   time       seconds since 1970
 *   disk       its name then
 *   event      "partition-grown", "filesystem-grown", "rolled-back", "recovered", "failed"
 *   partition  its number; null for the whole disk
 *   fstype     of a filesystem
 *   from, to   bytes before and after
 *   table_us, partition_us, total_us
 *              microseconds from the change of the disk's size until its table was
 *              durable, its partition grown, and this event
 *   by         "auto", or "person" who asked for it
 *   errno, why of a failure
 *   guid       of the disk's table
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "cmd.h"
#include "history.h"
#include "listing.h"
#include "names.h"
#include "store.h"

enum { PEOPLE = 1 << 0, JSON = 1 << 1 };

enum column {
	COL_TIME,
	COL_DISK,
	COL_DEVICE,
	COL_EVENT,
	COL_PARTITION,
	COL_FSTYPE,
	COL_FROM,
	COL_TO,
	COL_TABLE,
	COL_PART,
	COL_TOTAL,
	COL_BY,
	COL_ERRNO,
	COL_WHY,
	COL_GUID,
	COL_COUNT
};

static const struct {
	const char *heading, *key;
	int json_type, flags;
	unsigned int whose;
} columns[COL_COUNT] = {
	[COL_TIME] = { "TIME", "time", SCOLS_JSON_NUMBER, 0, PEOPLE | JSON },
	[COL_DISK] = { "DISK", "disk", SCOLS_JSON_STRING, 0, JSON },
	[COL_DEVICE] = { "DEVICE", "device", SCOLS_JSON_STRING, 0, PEOPLE },
	[COL_EVENT] = { "EVENT", "event", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_PARTITION] = { "PARTITION", "partition", SCOLS_JSON_NUMBER, 0, JSON },
	[COL_FSTYPE] = { "FSTYPE", "fstype", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_FROM] = { "FROM", "from", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, PEOPLE | JSON },
	[COL_TO] = { "TO", "to", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, PEOPLE | JSON },
	[COL_TABLE] = { "TABLE", "table_us", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, PEOPLE | JSON },
	[COL_PART] = { "PARTITION", "partition_us", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT,
		       PEOPLE | JSON },
	[COL_TOTAL] = { "TOTAL", "total_us", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT, PEOPLE | JSON },
	[COL_BY] = { "BY", "by", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_ERRNO] = { "ERRNO", "errno", SCOLS_JSON_NUMBER, 0, JSON },
	[COL_WHY] = { "WHY", "why", SCOLS_JSON_STRING, 0, PEOPLE | JSON },
	[COL_GUID] = { "GUID", "guid", SCOLS_JSON_STRING, 0, JSON },
};

struct listing {
	const struct options *opt;
	bool json;
	struct libscols_table *table;
	int place[COL_COUNT];
};

static int column_add(struct listing *l, enum column column)
{
	struct libscols_column *cl;

	l->place[column] = -1;
	if (!(columns[column].whose & (l->json ? JSON : PEOPLE)))
		return 0;
	l->place[column] = (int)scols_table_get_ncols(l->table);
	cl = scols_table_new_column(l->table,
				    l->json ? columns[column].key : columns[column].heading, 0,
				    columns[column].flags);
	return cl ? scols_column_set_json_type(cl, columns[column].json_type) : -ENOMEM;
}

static int table_make(struct listing *l)
{
	int r = scols_table_set_name(l->table, "history");

	if (r == 0)
		r = scols_table_enable_json(l->table, l->json);
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		r = column_add(l, (enum column)i);
	return r;
}

static int text_set(const struct listing *l, struct libscols_line *row, enum column column,
		    const char *text)
{
	if (l->place[column] < 0 || !text[0])
		return 0;
	return scols_line_set_data(row, (size_t)l->place[column], text);
}

/* Zero has no meaning in any of them. */
static int number_set(const struct listing *l, struct libscols_line *row, enum column column,
		      uint64_t number)
{
	char text[24] = "";

	if (number)
		snprintf(text, sizeof(text), "%" PRIu64, number);
	return text_set(l, row, column, text);
}

static int size_set(const struct listing *l, struct libscols_line *row, enum column column,
		    uint64_t bytes, const char *words)
{
	return l->json ? number_set(l, row, column, bytes) : text_set(l, row, column, words);
}

static int us_set(const struct listing *l, struct libscols_line *row, enum column column,
		  uint64_t us)
{
	char text[32] = "";

	if (l->json)
		return number_set(l, row, column, us);
	if (us)
		snprintf(text, sizeof(text), "%.3f ms", (double)us / 1e3);
	return text_set(l, row, column, text);
}

static int time_set(const struct listing *l, struct libscols_line *row, uint64_t when)
{
	time_t seconds = (time_t)when;
	char text[64] = "";
	struct tm tm;

	if (l->json)
		return number_set(l, row, COL_TIME, when);
	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	return text_set(l, row, COL_TIME, text);
}

static int where_set(const struct listing *l, struct libscols_line *row,
		     const struct history_entry *e)
{
	char name[NAME_SIZE + 12];
	int r = text_set(l, row, COL_DISK, e->disk);

	if (r == 0)
		r = number_set(l, row, COL_PARTITION, e->partition);
	partition_name(e->disk, (uint32_t)e->partition, name, sizeof(name));
	return r < 0 ? r : text_set(l, row, COL_DEVICE, name);
}

static int sizes_set(const struct listing *l, struct libscols_line *row,
		     const struct history_entry *e)
{
	char from[SIZE_TEXT] = "", to[SIZE_TEXT] = "";
	int r;

	if (e->from && e->from == e->to)
		size_text(e->from, from);
	else if (e->from)
		sizes_text(e->from, e->to, from, to);
	r = size_set(l, row, COL_FROM, e->from, from);
	if (r == 0)
		r = size_set(l, row, COL_TO, e->to, to);
	if (r == 0)
		r = us_set(l, row, COL_TABLE, e->table_us);
	if (r == 0)
		r = us_set(l, row, COL_PART, e->partition_us);
	return r < 0 ? r : us_set(l, row, COL_TOTAL, e->total_us);
}

static int rest_set(const struct listing *l, struct libscols_line *row,
		    const struct history_entry *e)
{
	const char *texts[COL_COUNT] = {
		[COL_EVENT] = e->event, [COL_FSTYPE] = e->fstype, [COL_BY] = e->by,
		[COL_WHY] = e->why,	[COL_GUID] = e->guid,
	};
	int r = number_set(l, row, COL_ERRNO, e->error);

	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (texts[i])
			r = text_set(l, row, (enum column)i, texts[i]);
	return r;
}

static int on_entry(const struct history_entry *e, void *arg)
{
	struct listing *l = arg;
	struct libscols_line *row;
	int r;

	if (l->opt->disk && strcmp(l->opt->disk, e->disk))
		return 0;
	row = scols_table_new_line(l->table, NULL);
	if (!row)
		return -ENOMEM;
	r = time_set(l, row, e->time);
	if (r == 0)
		r = where_set(l, row, e);
	if (r == 0)
		r = sizes_set(l, row, e);
	return r < 0 ? r : rest_set(l, row, e);
}

static int entries_read(struct listing *l)
{
	int r, dir = store_open();

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	r = history_read(dir, on_entry, l);
	close(dir);
	return r;
}

/* Of a name that was mistyped there is nothing either, and one that is gone may have been there. */
static void nothing_tell(const char *disk)
{
	print_line("%s%snothing has grown since growctl.service keeps the history",
		   disk ? disk : "", disk ? ": " : "");
}

static int show(struct listing *l)
{
	int r;

	l->table = scols_new_table();
	if (!l->table)
		return -ENOMEM;
	r = table_make(l);
	if (r == 0)
		r = entries_read(l);
	if (r == 0 && scols_table_is_empty(l->table) && !l->json)
		nothing_tell(l->opt->disk);
	else if (r == 0)
		r = listing_print(l->table);
	scols_unref_table(l->table);
	return r;
}

/** cmd_history() - list what became of the disks; returns an exit code. */
int cmd_history(const struct options *opt)
{
	struct listing l = { .opt = opt, .json = opt->given & OPT_JSON };
	int r = show(&l);

	if (r == -EACCES)
		log_line(LOG_ERR, STORE_DIR ": not permitted; run growctl as root");
	else if (r < 0)
		log_line(LOG_ERR, "cannot show the history in " STORE_DIR ": %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}
