// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl tables: the old partition tables that are stored of a disk, the
 * newest last. It does without the module.
 *
 *   {"tables": [ROW...]}
 *
 *   id           for growctl rollback --to
 *   time         when it was replaced, seconds since 1970
 *   capacity     bytes of the disk that it was made for
 *   number, size of its last partition; null where it has none
 *   file         for sgdisk --load-backup
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <libsmartcols.h>

#include "backup.h"
#include "cmd.h"
#include "listing.h"
#include "names.h"
#include "nl_disk.h"
#include "store.h"
#include "twin.h"

enum { COL_ID, COL_TIME, COL_CAPACITY, COL_PART, COL_SIZE, COL_FILE, COL_COUNT };

static const struct {
	const char *heading, *key;
	int json_type, flags;
} columns[COL_COUNT] = {
	[COL_ID] = { "ID", "id", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_TIME] = { "REPLACED", "time", SCOLS_JSON_NUMBER, 0 },
	[COL_CAPACITY] = { "DISK", "capacity", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_PART] = { "PARTITION", "number", SCOLS_JSON_NUMBER, 0 },
	[COL_SIZE] = { "SIZE", "size", SCOLS_JSON_NUMBER, SCOLS_FL_RIGHT },
	[COL_FILE] = { "FILE", "file", SCOLS_JSON_STRING, 0 },
};

struct listing {
	const struct options *opt;
	struct libscols_table *table;
	uint32_t lba_size;
};

static int text_set(struct libscols_line *row, int column, const char *text)
{
	return scols_line_set_data(row, (size_t)column, text);
}

static int number_set(const struct listing *h, struct libscols_line *row, int column,
		      uint64_t number)
{
	char text[SIZE_TEXT];

	if (h->opt->given & OPT_JSON)
		snprintf(text, sizeof(text), "%" PRIu64, number);
	else
		size_text(number, text);
	return text_set(row, column, text);
}

static int time_set(const struct listing *h, struct libscols_line *row, time_t when)
{
	char text[64] = "";
	struct tm tm;

	if (h->opt->given & OPT_JSON)
		snprintf(text, sizeof(text), "%lld", (long long)when);
	else if (localtime_r(&when, &tm))
		strftime(text, sizeof(text), "%F %T", &tm);
	return text_set(row, COL_TIME, text);
}

static int part_set(const struct listing *h, struct libscols_line *row, const struct table *table)
{
	struct table_part last;
	char name[NAME_SIZE + 12];
	int r;

	if (!table_last(table, &last))
		return 0;
	if (h->opt->given & OPT_JSON)
		snprintf(name, sizeof(name), "%" PRIu32, last.number);
	else
		partition_name(h->opt->disk, last.number, name, sizeof(name));
	r = text_set(row, COL_PART, name);
	return r < 0 ? r : number_set(h, row, COL_SIZE, (last.last - last.first + 1) * h->lba_size);
}

static int stored_show(struct listing *h, const struct stored *s)
{
	struct libscols_line *row = scols_table_new_line(h->table, NULL);
	char id[16], name[STORE_NAME_SIZE], file[sizeof(STORE_DIR) + STORE_NAME_SIZE];
	int r;

	if (!row)
		return -ENOMEM;
	snprintf(id, sizeof(id), "%" PRIu32, s->id);
	store_name(s->table.guid, s->id, name);
	snprintf(file, sizeof(file), STORE_DIR "/%s", name);
	r = text_set(row, COL_ID, id);
	if (r == 0)
		r = time_set(h, row, s->when.tv_sec);
	if (r == 0)
		r = number_set(h, row, COL_CAPACITY, (s->table.last_lba + 1) * h->lba_size);
	if (r == 0)
		r = part_set(h, row, &s->table);
	return r < 0 ? r : text_set(row, COL_FILE, file);
}

/* A damaged file is named, and hides none of the others. */
static int id_show(struct listing *h, int dir, const char *guid, uint32_t id)
{
	char name[STORE_NAME_SIZE];
	struct stored s;
	int r = store_load(dir, guid, id, &s);

	if (r < 0) {
		store_name(guid, id, name);
		log_line(LOG_WARNING, STORE_DIR "/%s: %s", name,
			 r == -EUCLEAN ? "damaged: no sound table of this disk" : strerror(-r));
		return 0;
	}
	r = stored_show(h, &s);
	free(s.table.bytes);
	return r;
}

static int all_show(struct listing *h, const char *guid)
{
	uint32_t *ids = NULL;
	size_t n = 0;
	int r = 0, dir = store_open();

	if (dir < 0)
		return dir == -ENOENT ? 0 : dir;
	r = store_ids(dir, guid, &ids, &n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = id_show(h, dir, guid, ids[i]);
	free(ids);
	close(dir);
	return r;
}

static int columns_make(const struct listing *h)
{
	struct libscols_column *cl;
	int r = scols_table_set_name(h->table, "tables");

	if (r == 0)
		r = scols_table_enable_json(h->table, h->opt->given & OPT_JSON);
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++) {
		cl = scols_table_new_column(
			h->table, h->opt->given & OPT_JSON ? columns[i].key : columns[i].heading, 0,
			columns[i].flags);
		r = cl ? scols_column_set_json_type(cl, columns[i].json_type) : -ENOMEM;
	}
	return r;
}

static int listing_show(struct listing *h, const char *guid)
{
	int r;

	h->table = scols_new_table();
	if (!h->table)
		return -ENOMEM;
	r = columns_make(h);
	if (r == 0)
		r = all_show(h, guid);
	if (r == 0 && scols_table_is_empty(h->table) && !(h->opt->given & OPT_JSON))
		printf("%s: no old table is stored\n", h->opt->disk);
	else if (r == 0)
		r = listing_print(h->table);
	scols_unref_table(h->table);
	return r;
}

/* Where the daemon does not run. What stays with the module is told, and no hindrance. */
static void kept_fetch(const char *disk)
{
	struct record record;
	struct lg lg;

	if (lg_open(&lg) < 0)
		return;
	if (lg_disk_get(&lg, disk, &record) == 0)
		backup_fetch(&lg, &record);
	lg_close(&lg);
}

static void twin_tell(const char *disk, const char *guid)
{
	char twin[NAME_SIZE];

	if (twin_find(disk, guid, twin))
		log_line(LOG_WARNING,
			 "%s: %s has the same disk GUID: some may be its; " TWIN_REMEDY, disk,
			 twin);
}

/** cmd_tables() - list what is stored of a disk; returns an exit code. */
int cmd_tables(const struct options *opt)
{
	const struct lg none = { 0 };
	struct listing h = { .opt = opt };
	struct volume disk;
	struct table now;
	int r = volume_read(opt->disk, &disk);

	if (r < 0 || disk.number)
		return cmd_complain_disk(&none, opt->disk, -ENODEV);
	r = table_of_disk(&disk, &now, &h.lba_size);
	if (r == 0) {
		kept_fetch(opt->disk);
		r = listing_show(&h, now.guid);
		twin_tell(opt->disk, now.guid);
		free(now.bytes);
	}
	if (r == -EUCLEAN)
		log_line(LOG_ERR,
			 "%s: has no GPT that is sound, so that it cannot be told "
			 "which files in %s are its own",
			 opt->disk, STORE_DIR);
	else if (r < 0)
		cmd_complain_disk(&none, opt->disk, r);
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}
