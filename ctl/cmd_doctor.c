// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl doctor: all that stands, or would stand, in the way of a growth, each with
 * what to do about it.
 *
 *   {"findings": [ROW...]}
 *
 *   where      a disk, partition or filesystem; "livegrow", "growctl.service",
 *              a file of the configuration
 *   what       is wrong with it
 *   remedy     what to do
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount.h>
#include <libsmartcols.h>

#include <linux/livegrow.h>

#include "above.h"
#include "absent.h"
#include "alive.h"
#include "cmd.h"
#include "conf.h"
#include "filesystem.h"
#include "follow.h"
#include "foreign.h"
#include "holder.h"
#include "in_force.h"
#include "in_use.h"
#include "listing.h"
#include "names.h"
#include "nl_disk.h"
#include "policy.h"
#include "remedy.h"
#include "sysfs.h"
#include "table.h"
#include "twin.h"

#define WORDS 640

/* So long a disk is waited for that a rule is about. */
#define ANSWER_MS 5000

enum { COL_WHERE, COL_WHAT, COL_REMEDY, COL_COUNT };

static const char *const keys[COL_COUNT] = { "where", "what", "remedy" };

struct doctor {
	bool json;
	struct conf conf;
	struct libscols_table *table;
	struct libmnt_table *mounts;
	size_t findings;
	int err;
};

static void row_add(struct doctor *d, const char *const texts[COL_COUNT])
{
	struct libscols_line *row = scols_table_new_line(d->table, NULL);
	int r = row ? 0 : -ENOMEM;

	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		r = scols_line_set_data(row, i, texts[i]);
	if (r < 0)
		d->err = r;
}

static void find(struct doctor *d, const char *where, const char *remedy, const char *what)
{
	d->findings++;
	if (d->json) {
		row_add(d, (const char *const[]){ where, what, remedy });
	} else {
		print_line("%s: %s", where, what);
		print_line("    %s", remedy);
	}
}

/* What keeps the module from growing the disk at the next enlargement, or kept it. */
static void disk_examine(struct doctor *d, const struct record *disk)
{
	char words[REMEDY_SIZE], what[WORDS];

	if (!remedy_of_disk(disk, words))
		return;
	snprintf(what, sizeof(what), "%s: %s", name_of_state(disk->state), record_reason(disk));
	if (in_use_by_now(d->mounts, disk)) {
		remedy_fill(
			"systemctl reload growctl has the module look at it again; or: growctl grow DISK",
			disk, 0, words);
		snprintf(what, sizeof(what), IN_USE_BY_NOW);
	}
	find(d, disk->disk, words, what);
}

/* Whether the backup of its table lies in the middle of it, as after every enlargement. */
static bool is_displaced(const char *disk)
{
	struct table table;
	struct volume v;
	uint32_t lba_size;

	if (volume_read(disk, &v) < 0 || table_of_disk(&v, &table, &lba_size) < 0)
		return false;
	free(table.bytes);
	return v.size / lba_size - 1 > table.last_lba;
}

/* Nothing of it keeps it from growing; what is kept for a rollback does not say whose it is. */
static void twin_examine(struct doctor *d, const struct record *disk)
{
	char twin[NAME_SIZE], what[WORDS];
	struct table table;
	struct volume v;
	uint32_t lba_size;

	if (disk->state == LIVEGROW_STATE_UNMANAGED || disk->state == LIVEGROW_STATE_HELD ||
	    volume_read(disk->disk, &v) < 0 || table_of_disk(&v, &table, &lba_size) < 0)
		return;
	if (twin_find(disk->disk, table.guid, twin)) {
		snprintf(what, sizeof(what),
			 "%s has the same disk GUID: neither can be rolled back, and a file that "
			 "holds one in mode ask holds both",
			 twin);
		find(d, disk->disk, TWIN_REMEDY, what);
	}
	free(table.bytes);
}

/* Nobody asked for it to grow; that somebody has enlarged it asks. */
static void driver_examine(struct doctor *d, const struct record *disk)
{
	char words[WORDS], what[WORDS];

	if (disk->state != LIVEGROW_STATE_UNMANAGED || !is_displaced(disk->disk))
		return;
	snprintf(what, sizeof(what),
		 "the backup of its table is not at its end, and livegrow does "
		 "not manage disks of %s",
		 disk->driver);
	snprintf(words, sizeof(words),
		 "options livegrow drivers=%s in "
		 "/etc/modprobe.d/livegrow-local.conf, then: " REMEDY_ANEW,
		 disk->driver);
	find(d, disk->disk, words, what);
}

static void mode_examine(struct doctor *d, const struct record *disk)
{
	char words[REMEDY_SIZE];

	if (disk->mode != LIVEGROW_MODE_ASK || disk->reason == LIVEGROW_REASON_MODE_ASK ||
	    disk->state == LIVEGROW_STATE_UNMANAGED)
		return;
	remedy_fill("growctl grow DISK when it is larger; growctl policy DISK shows why it is so",
		    disk, 0, words);
	find(d, disk->disk, words, "mode ask: it will not grow by itself");
}

/* Somebody's own will, and after a year forgotten. */
static void limit_examine(struct doctor *d, const struct record *disk)
{
	char words[REMEDY_SIZE];

	if (disk->state != LIVEGROW_STATE_FULL || disk->reason != LIVEGROW_REASON_PART_MAX)
		return;
	remedy_fill(
		"growctl policy DISK shows which rule limits it; with a larger max there, or set "
		"by growctl policy set, it grows",
		disk, 0, words);
	find(d, disk->disk, words, record_reason(disk));
}

/* The service that would tell it is missed by itself. */
static void policy_examine(struct doctor *d, const struct record *disk)
{
	char now[POLICY_VALUE_TEXT], said[POLICY_VALUE_TEXT], what[WORDS];
	struct policy_value value;
	struct policy policy;

	if (!alive_daemon() || policy_of_disk_within(&d->conf, disk->disk, ANSWER_MS, &policy) < 0)
		return;
	for (enum policy_key key = 0; key < POLICY_KEYS; key++) {
		if (!in_force_other(disk, &policy, key, &value))
			continue;
		snprintf(what, sizeof(what), "%s %s is not in force yet, but %s",
			 policy_key_name(key), policy_value_text(key, &policy.values[key], said),
			 policy_value_text(key, &value, now));
		find(d, disk->disk, in_force_remedy(), what);
	}
}

static void backup_examine(struct doctor *d, const struct record *disk)
{
	char what[WORDS];

	if (!disk->backup_errno)
		return;
	snprintf(what, sizeof(what), "its old partition table could not be stored: %s",
		 strerror((int)(disk->backup_errno & INT32_MAX)));
	find(d, disk->disk, "make room in /var/lib/livegrow; it is tried again by itself", what);
}

static void fs_examine(struct doctor *d, const struct record *disk, const struct fs *fs)
{
	char where[FOLLOW_TEXT], words[ADVICE_SIZE];
	const char *end;
	struct fs_facts facts;
	int r = fs_check(fs, &facts);

	follow_what(fs, where);
	if (!fs->ops || r < 0) {
		find(d, where, fs_check_why(fs, r), "it cannot follow its disk");
	} else if (!fs_is_full(&facts)) {
		/* Where nobody may, the disk's own finding says so. */
		if (!follow_allowed(disk))
			return;
		advice_behind(disk, fs, words);
		find(d, where, words, "it is smaller than its device");
	} else if (facts.damaged) {
		/* The kernel may have made it read-only for that: no remount helps. */
		find(d, where, fs_why(fs, -EUCLEAN), "it could not follow its disk");
	} else if (!fs->place.writable) {
		find(d, where, "remount it writable before the disk grows",
		     "mounted read-only: it could not follow its disk");
	} else if ((r = fs_ready(fs)) < 0 && r != -EINPROGRESS) {
		find(d, where, fs_why(fs, r), "it could not follow its disk");
	} else if ((end = fs_end_why(fs, &facts)) != NULL) {
		find(d, where, end, "it has come to its end, and cannot follow its disk");
	}
}

/* What lies on it does not follow by itself; as long as all is used there is nothing to follow. */
static void content_examine(struct doctor *d, const struct volume *v)
{
	struct holder holder;
	struct above above;
	char what[WORDS];

	above_find(d->mounts, v, &above);
	if (!above.advice[0] || !above.certain ||
	    (!above.out_of_reach && holder_find(v, &holder) < 0))
		return;
	if (above.out_of_reach)
		snprintf(what, sizeof(what), "its filesystem cannot be reached");
	else
		snprintf(what, sizeof(what), "%s stands between it and what is mounted",
			 holder.name);
	find(d, v->name, above.advice, what);
}

static void volumes_examine(struct doctor *d, const struct record *disk)
{
	struct volume *volumes, last;
	uint32_t part = foreign_last(disk, &last) ? last.number : disk->part;
	struct fs fs;
	size_t n;

	if (volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		bool is_last = !volumes[i].number || volumes[i].number == part;

		/* What cannot grow by its place needs no advice about itself. */
		if (!is_last)
			continue;
		if (fs_open(d->mounts, &volumes[i], &fs) < 0) {
			content_examine(d, &volumes[i]);
			continue;
		}
		fs_examine(d, disk, &fs);
		fs_close(&fs);
	}
	free(volumes);
}

static void all_examine(struct doctor *d, const struct record *disk)
{
	disk_examine(d, disk);
	driver_examine(d, disk);
	mode_examine(d, disk);
	limit_examine(d, disk);
	policy_examine(d, disk);
	twin_examine(d, disk);
	backup_examine(d, disk);
	volumes_examine(d, disk);
}

static int disks_examine(struct doctor *d, struct lg *lg, const char *only)
{
	struct record *disks;
	size_t n, seen = 0;
	int r = lg_disk_dump(lg, &disks, &n);

	if (r < 0)
		return cmd_complain_list(lg, r);
	d->err = mounts_read(&d->mounts);
	for (size_t i = 0; !d->err && i < n; i++) {
		if (only && strcmp(only, disks[i].disk))
			continue;
		all_examine(d, &disks[i]);
		seen++;
	}
	if (!d->err)
		mnt_unref_table(d->mounts);
	free(disks);
	return only && !seen ? cmd_complain_disk(lg, only, -ENODEV) : 0;
}

/* What cannot be read holds the disks that it may be about in mode ask. */
static void conf_examine(struct doctor *d)
{
	char text[CONF_ERROR_TEXT];
	int r = conf_read("", &d->conf);

	if (r < 0) {
		d->err = r;
		return;
	}
	for (size_t i = 0; i < d->conf.n_errors; i++)
		find(d, d->conf.errors[i].file, "mend that line, then: systemctl reload growctl",
		     conf_error_text(&d->conf.errors[i], text));
}

static int examine(struct doctor *d, const char *only)
{
	char why[ABSENT_TEXT];
	struct lg lg;
	int r;

	conf_examine(d);
	if (d->err)
		return 0;
	r = lg_open(&lg);
	if (r < 0 && r != -ENOENT)
		return cmd_complain_open(r);
	if (!alive_daemon())
		find(d, "growctl.service", "systemctl enable --now growctl",
		     "it does not run: no filesystem follows its disk");
	if (r < 0) {
		find(d, "livegrow", absent_why(why), "no partition grows");
		return 0;
	}
	r = disks_examine(d, &lg, only);
	lg_close(&lg);
	return r;
}

static int table_make(struct doctor *d)
{
	int r;

	d->table = scols_new_table();
	if (!d->table)
		return -ENOMEM;
	r = scols_table_set_name(d->table, "findings");
	if (r == 0)
		r = scols_table_enable_json(d->table, 1);
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (!scols_table_new_column(d->table, keys[i], 0, 0))
			r = -ENOMEM;
	return r;
}

static int end(struct doctor *d, int r)
{
	if (d->json && !d->err)
		d->err = listing_print(d->table);
	else if (!d->err && r == 0 && !d->findings)
		puts("nothing stands in the way of a growth");
	scols_unref_table(d->table);
	if (d->err < 0)
		log_line(LOG_ERR, "cannot examine the disks: %s", strerror(-d->err));
	if (d->err < 0 || r)
		return EXIT_FAILED;
	return d->findings ? EXIT_FINDINGS : EXIT_DONE;
}

/** cmd_doctor() - look for all that would stop a growth; returns an exit code. */
int cmd_doctor(const struct options *opt)
{
	struct doctor d = { .json = opt->given & OPT_JSON };
	int r = 0;

	if (geteuid()) {
		log_line(LOG_ERR, "only root can see all that there is; run growctl as root");
		return EXIT_FAILED;
	}
	d.err = table_make(&d);
	if (!d.err)
		r = examine(&d, opt->disk);
	conf_free(&d.conf);
	return end(&d, r);
}
