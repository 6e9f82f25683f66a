// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl rollback: the last partition gets the size of an old table again. */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "ask.h"
#include "backup.h"
#include "cmd.h"
#include "frozen.h"
#include "lock.h"
#include "names.h"
#include "occupant.h"
#include "store.h"
#include "twin.h"

/**
 * struct job - one rollback
 * @disk: what the module says of it
 * @now: the table that the disk has; its last partition is @last
 * @lba_size: bytes of a logical block
 * @then: the old table to go back to
 * @end: the partition's last block in the table to go back to
 * @part: the live partition
 * @halfway: the table says so already, since an earlier rollback was stopped
 * @back: what the module is asked for
 * @asked_before: it was kept before that the disk stays in mode ask
 */
struct job {
	const struct options *opt;
	struct look look;
	struct record disk;
	struct table now;
	struct table_part last;
	uint32_t lba_size;
	struct stored then;
	uint64_t end;
	struct volume part;
	struct rollback back;
	struct occupant occupant;
	bool halfway, asked_before;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct job *j, const char *format,
							...)
{
	char text[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	log_line(LOG_ERR, "%s: %s", j->opt->disk, text);
	return EXIT_FAILED;
}

static uint64_t bytes_to(const struct job *j, uint64_t last_lba)
{
	return (last_lba - j->last.first + 1) * j->lba_size;
}

static int present_read(struct job *j)
{
	char name[NAME_SIZE + 12];
	struct volume whole;
	int r = lg_disk_get(j->look.lg, j->opt->disk, &j->disk);

	if (r == 0)
		r = volume_read(j->opt->disk, &whole);
	if (r == 0)
		r = table_of_disk(&whole, &j->now, &j->lba_size);
	if (r == -EUCLEAN)
		return refuse(j, "has no GPT that is sound, and so nothing to go back to");
	if (r < 0)
		return cmd_complain_disk(j->look.lg, j->opt->disk, r);
	if (!table_last(&j->now, &j->last))
		return refuse(j, "no partition");
	partition_name(j->opt->disk, j->last.number, name, sizeof(name));
	if (volume_read(name, &j->part) < 0 || j->part.start != j->last.first * j->lba_size ||
	    j->part.size < bytes_to(j, j->last.last))
		return refuse(j, "table and kernel differ in %s; see 'growctl status'", name);
	j->halfway = j->part.size > bytes_to(j, j->last.last);
	return 0;
}

/* Smaller than now; whatever else differs is looked at later. */
static bool is_older(const struct job *j, const struct table *table)
{
	struct table_part last;

	return table_last(table, &last) && last.number == j->last.number &&
	       last.last < j->last.last;
}

static int newest_load(struct job *j, int dir)
{
	uint32_t *ids;
	size_t n;
	int r = store_ids(dir, j->now.guid, &ids, &n);

	if (r < 0)
		return r;
	for (r = -ENOENT; n && r == -ENOENT; n--) {
		if (store_load(dir, j->now.guid, ids[n - 1], &j->then) < 0)
			continue;
		if (is_older(j, &j->then.table))
			r = 0;
		else
			free(j->then.table.bytes);
	}
	if (r < 0)
		j->then.table.bytes = NULL;
	free(ids);
	return r;
}

static int then_load(struct job *j)
{
	/* Without the daemon the newest ones are with the module still. */
	int dir, r = backup_fetch(j->look.lg, &j->disk);

	if (r < 0)
		return r;
	dir = store_open();
	if (dir < 0)
		return dir;
	if (j->opt->to)
		r = store_load(dir, j->now.guid, j->opt->to, &j->then);
	else
		r = newest_load(j, dir);
	close(dir);
	return r;
}

static int then_read(struct job *j)
{
	struct table_part last;
	int r = then_load(j);

	if (r == -ENOENT)
		return refuse(j,
			      "no old table%s is stored in which %s was smaller; 'growctl "
			      "tables %s' lists those there are",
			      j->opt->to ? " of this ID" : "", j->part.name, j->opt->disk);
	if (r < 0)
		return refuse(j, "cannot store and read its old tables: %s", strerror(-r));
	if (!is_older(j, &j->then.table))
		return refuse(j, "%s was not smaller in the table of ID %" PRIu32, j->part.name,
			      j->then.id);
	if (!table_equal_but_end(&j->now, &j->then.table, j->last.number))
		return refuse(j,
			      "the table of ID %" PRIu32 " differs from the present one in more "
			      "than the end of %s",
			      j->then.id, j->part.name);
	table_last(&j->then.table, &last);
	j->end = last.last;
	return 0;
}

/* Its old tables, and the mode that it keeps, would be another disk's as well. */
static int twin_check(const struct job *j)
{
	char twin[NAME_SIZE];

	if (!twin_find(j->opt->disk, j->now.guid, twin))
		return EXIT_DONE;
	return refuse(
		j,
		"%s has the same disk GUID, and which old tables are whose cannot be told; " TWIN_REMEDY,
		twin);
}

static int goal_find(struct job *j)
{
	int r = EXIT_DONE;

	if (j->halfway)
		j->end = j->last.last;
	else
		r = then_read(j);
	j->back = (struct rollback){
		.number = j->last.number,
		.start = j->part.start,
		.size = bytes_to(j, j->end),
	};
	return r;
}

static int occupant_refuse(const struct job *j)
{
	const struct occupant *o = &j->occupant;

	log_line(LOG_ERR, "%s: %s%s%s", j->part.name, o->what, o->what[0] ? ": " : "", o->why);
	return EXIT_FAILED;
}

static int occupant_check(struct job *j)
{
	char has[SIZE_TEXT], end[SIZE_TEXT];

	if (occupant_reach(&j->occupant) < 0)
		return occupant_refuse(j);
	if (j->occupant.reach <= j->back.size)
		return 0;
	sizes_text(j->occupant.reach, j->back.size, has, end);
	log_line(LOG_ERR,
		 "%s: %s has grown past the old end: it takes %s, and the partition had %s "
		 "(%" PRIu64 " and %" PRIu64 " bytes)",
		 j->part.name, j->occupant.what, has, end, j->occupant.reach, j->back.size);
	return EXIT_FAILED;
}

static void change_tell(const struct job *j, const char *how)
{
	char words[SIZES_TEXT], table[32] = "present table";

	if (!j->halfway)
		snprintf(table, sizeof(table), "table of ID %" PRIu32, j->then.id);
	printf("%s: %s %s, as in the %s\n", j->part.name, how,
	       sizes_words(j->part.size, j->back.size, words), table);
}

static int look_refuse(const struct job *j, const struct record *after)
{
	return refuse(j, "%s: %s", name_of_state(after->state), record_reason(after));
}

static int dry_run(struct job *j)
{
	struct record after;
	int r = look_rollback(&j->look, &j->back, LIVEGROW_FLAG_DRY_RUN, &after);

	if (r < 0)
		return cmd_complain_disk(j->look.lg, j->opt->disk, r);
	if (!record_would_write(&after))
		return look_refuse(j, &after);
	change_tell(j, "would go back");
	return EXIT_DONE;
}

/* Before anything is frozen: it may be the filesystem that this is written to. */
static int ask_keep(struct job *j)
{
	int r, dir = store_make();

	if (dir < 0)
		return dir;
	j->asked_before = store_ask_have(dir, j->now.guid);
	r = store_ask_put(dir, j->now.guid);
	close(dir);
	return r;
}

/* Where the module did not come so far as to set the mode. */
static void ask_forget(const struct job *j)
{
	struct record now;
	int dir;

	if (j->asked_before || lg_disk_get(j->look.lg, j->opt->disk, &now) < 0 ||
	    now.mode != j->disk.mode)
		return;
	dir = store_make();
	if (dir < 0)
		return;
	store_ask_drop(dir, j->now.guid);
	close(dir);
}

static int execute(struct job *j, struct record *ret)
{
	struct frozen_result frozen;
	int r;

	if (j->occupant.fs.place.fd < 0) {
		r = look_rollback(&j->look, &j->back, 0, ret);
		return r < 0 ? cmd_complain_disk(j->look.lg, j->opt->disk, r) : 0;
	}
	r = frozen_rollback(j->opt->disk, &j->occupant.fs, &j->back, &frozen);
	*ret = frozen.after;
	if (r < 0)
		return refuse(j, "%s: %s: %s", j->part.name, j->occupant.what, frozen.why);
	return 0;
}

static bool table_is_back(const struct job *j)
{
	struct table_part last;
	struct volume whole;
	struct table table;
	uint32_t lba_size;
	bool same;

	if (volume_read(j->opt->disk, &whole) < 0 || table_of_disk(&whole, &table, &lba_size) < 0)
		return false;
	same = table_last(&table, &last) && last.number == j->last.number && last.last == j->end;
	free(table.bytes);
	return same;
}

static bool is_back(const struct job *j)
{
	struct volume part;

	return volume_read(j->part.name, &part) == 0 && part.size == j->back.size &&
	       table_is_back(j);
}

static void next_tell(const struct job *j)
{
	printf("%s: mode ask from now on, over reboots too; 'growctl grow %s' takes the space "
	       "again\n",
	       j->opt->disk, j->opt->disk);
	if (ask_has_copy())
		printf("%s: say 'update-initramfs -u -k all' now: the initramfs has growctl too, and does "
		       "not know of this\n",
		       j->opt->disk);
}

/* What came of it counts, not what was told of it. */
static int verdict(struct job *j, const struct record *after)
{
	if (!is_back(j))
		return look_refuse(j, after);
	change_tell(j, "back");
	next_tell(j);
	if (occupant_reach(&j->occupant) == 0 && j->occupant.reach <= j->back.size)
		return EXIT_DONE;
	return refuse(j,
		      "%s: %s reaches further than its partition now: take the space again at "
		      "once, by 'growctl grow %s'",
		      j->part.name, j->occupant.what, j->opt->disk);
}

static int real_run(struct job *j)
{
	struct record after = { 0 };
	int told, r = ask_keep(j);

	if (r < 0)
		return refuse(j, "cannot keep in %s that it stays in mode ask: %s", STORE_DIR,
			      strerror(-r));
	r = execute(j, &after);
	if (r == EXIT_DONE || is_back(j)) {
		told = verdict(j, &after);
		r = r == EXIT_DONE ? told : r;
	}
	if (!table_is_back(j))
		ask_forget(j);
	return r;
}

static int with_occupant(struct job *j)
{
	struct libmnt_table *mounts;
	int r = mounts_read(&mounts);

	if (r < 0)
		return refuse(j, "cannot read the mounts: %s", strerror(-r));
	r = occupant_open(mounts, &j->part, !(j->opt->given & OPT_DRY_RUN), &j->occupant);
	if (r < 0)
		r = occupant_refuse(j);
	else
		r = occupant_check(j);
	if (r == EXIT_DONE)
		r = j->opt->given & OPT_DRY_RUN ? dry_run(j) : real_run(j);
	occupant_close(&j->occupant);
	mnt_unref_table(mounts);
	return r;
}

static int rollback(struct job *j)
{
	int r = present_read(j);

	if (r == EXIT_DONE)
		r = twin_check(j);
	if (r == EXIT_DONE)
		r = goal_find(j);
	if (r == EXIT_DONE)
		r = with_occupant(j);
	free(j->now.bytes);
	free(j->then.table.bytes);
	return r;
}

static int rollback_locked(struct job *j)
{
	int r, lock = disk_lock(j->opt->disk);

	if (lock < 0)
		return cmd_complain_disk(j->look.lg, j->opt->disk, lock);
	r = rollback(j);
	close(lock);
	return r;
}

/** cmd_rollback() - take a disk's last grow back; returns an exit code. */
int cmd_rollback(const struct options *opt)
{
	struct lg lg, events;
	struct job j = {
		.opt = opt,
		.look.disk = opt->disk,
	};
	int r = look_open(&j.look, &lg, &events);

	if (r < 0)
		return cmd_complain_open(r);
	r = opt->given & OPT_DRY_RUN ? rollback(&j) : rollback_locked(&j);
	look_close(&j.look);
	return r;
}
