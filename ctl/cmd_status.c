// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl status: disks, partitions, filesystems, and what could still grow. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "above.h"
#include "advice.h"
#include "cmd.h"
#include "content.h"
#include "disks.h"
#include "filesystem.h"
#include "in_use.h"
#include "layout.h"
#include "names.h"
#include "nl_disk.h"
#include "remedy.h"
#include "status_table.h"

/* The usual alignment. */
#define ALIGN (1 << 20)

struct status {
	struct status_table table;
	struct libmnt_table *mounts;
};

static void could_grow_show(struct status *s, struct libscols_line *row, uint64_t size,
			    uint64_t reach, const char *advice)
{
	char note[ADVICE_SIZE + SIZE_TEXT + 32], text[SIZE_TEXT];

	status_number(&s->table, row, COL_REACH, reach);
	if (reach <= size) {
		status_state(&s->table, row, "full");
		return;
	}
	status_state(&s->table, row, "could-grow");
	snprintf(note, sizeof(note), "could grow by %s%s%s", size_text(reach - size, text),
		 advice[0] ? "; " : "", advice);
	status_why(&s->table, row, "", note);
}

static void facts_show(struct status *s, struct libscols_line *row, const struct record *disk,
		       const struct fs *fs)
{
	char advice[ADVICE_SIZE];
	struct fs_facts facts;
	int r = fs_check(fs, &facts);

	if (facts.size) {
		advice_fs(disk, fs, r, advice);
		status_number(&s->table, row, COL_SIZE, facts.size);
		could_grow_show(s, row, facts.size, facts.reach, advice);
	} else {
		status_why(&s->table, row, "", fs_check_why(fs, r));
	}
}

/* Returns whether the volume holds anything. */
static bool content_show(struct status *s, struct libscols_line *parent, const struct record *disk,
			 const struct volume *v)
{
	struct libscols_line *row;
	char type[CONTENT_SIZE];
	struct above above;
	struct fs fs;
	int r = fs_open(s->mounts, v, &fs);

	if (r == 0) {
		row = status_row(&s->table, parent);
		status_text(&s->table, row, COL_NAME, fs.place.type);
		status_text(&s->table, row, COL_TYPE, "fs");
		status_text(&s->table, row, COL_FSTYPE, fs.place.type);
		status_text(&s->table, row, COL_MOUNTPOINT, fs.place.target);
		facts_show(s, row, disk, &fs);
		fs_close(&fs);
		return true;
	}
	r = content_probe(v, type);
	if (r < 0)
		return r != -ENODATA;
	row = status_row(&s->table, parent);
	status_text(&s->table, row, COL_NAME, type);
	status_text(&s->table, row, COL_TYPE, "content");
	status_text(&s->table, row, COL_FSTYPE, type);
	above_find(s->mounts, v, &above);
	status_why(&s->table, row, "", above.advice);
	return true;
}

static void partition_show(struct status *s, struct libscols_line *parent,
			   const struct record *disk, const struct volume *v)
{
	struct libscols_line *row = status_row(&s->table, parent);
	char advice[ADVICE_SIZE];

	status_text(&s->table, row, COL_NAME, v->name);
	status_text(&s->table, row, COL_TYPE, "part");
	status_number(&s->table, row, COL_SIZE, v->size);
	status_number(&s->table, row, COL_NUMBER, v->number);
	status_number(&s->table, row, COL_START, v->start);
	if (record_has(disk, LIVEGROW_A_PART_REACH) && disk->part == v->number)
		could_grow_show(s, row, v->size, disk->part_reach, "");
	advice_partition(disk, v, advice);
	if (advice[0])
		status_why(&s->table, row, "", advice);
	content_show(s, row, disk, v);
}

/* Returns whether there is anything on the disk. */
static bool volumes_show(struct status *s, struct libscols_line *row, const struct record *disk)
{
	char layout[LAYOUT_CELLS + 1];
	struct volume *volumes;
	bool any = true;
	size_t n;

	if (volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return true;
	if (n == 1 && !volumes[0].number)
		any = content_show(s, row, disk, &volumes[0]);
	else
		for (size_t i = 0; i < n; i++)
			partition_show(s, row, disk, &volumes[i]);
	status_text(&s->table, row, COL_LAYOUT, layout_draw(disk, volumes, any ? n : 0, layout));
	free(volumes);
	return any;
}

static void note_add(char *note, size_t size, const char *more)
{
	size_t length = strlen(note);

	if (more[0])
		snprintf(note + length, size - length, "%s%s", length ? "; " : "", more);
}

/* What the module says; nothing where it is not loaded. */
static void module_show(struct status *s, struct libscols_line *row, const struct record *disk)
{
	if (!record_has(disk, LIVEGROW_A_STATE))
		return;
	status_state(&s->table, row, name_of_state(disk->state));
	status_text(&s->table, row, COL_REASON, name_of_reason(disk->reason));
	status_text(&s->table, row, COL_DRIVER, disk->driver);
	status_text(&s->table, row, COL_MODE, name_of_mode(disk->mode));
	status_number(&s->table, row, COL_LBA_SIZE, disk->lba_size);
	if (record_has(disk, LIVEGROW_A_FREE_TAIL))
		status_number(&s->table, row, COL_FREE_TAIL, disk->free_tail);
	if (record_has(disk, LIVEGROW_A_BACKUP_ERRNO))
		status_number(&s->table, row, COL_BACKUP_ERRNO, disk->backup_errno);
}

/* A tail below the alignment is nobody's intention and no use, unless a grow takes it. */
static bool tail_is_shown(const struct record *disk, const char *advice)
{
	return advice[0] || (disk->free_tail >= ALIGN && disk->free_tail >= disk->align);
}

static void disk_why(struct status *s, struct libscols_line *row, const struct record *disk,
		     bool any)
{
	char note[2 * ADVICE_SIZE + SIZE_TEXT + 32] = "", text[SIZE_TEXT], advice[ADVICE_SIZE];

	advice_tail(disk, advice);
	if (!any && disk->state == LIVEGROW_STATE_NO_TABLE) {
		note_add(note, sizeof(note), "neither a partition table nor a filesystem");
	} else if (tail_is_shown(disk, advice)) {
		snprintf(note, sizeof(note), "%s free, not taken",
			 size_text(disk->free_tail, text));
		note_add(note, sizeof(note), advice);
	}
	advice_backup(disk, advice);
	note_add(note, sizeof(note), advice);
	status_why(&s->table, row, disk->reason_text, note);
	/* To people the note says the same better. */
	if (disk->reason == LIVEGROW_REASON_FREE_TAIL || disk->reason == LIVEGROW_REASON_NO_TABLE)
		status_text(&s->table, row, COL_WHY, note);
}

/* That nothing uses it may be over; what the module would say now takes a look. */
static void disk_refresh(struct status *s, struct record *disk)
{
	if (!in_use_by_now(s->mounts, disk))
		return;
	disk->state = LIVEGROW_STATE_UNKNOWN;
	disk->reason = LIVEGROW_REASON_NONE;
	snprintf(disk->reason_text, sizeof(disk->reason_text), IN_USE_BY_NOW);
}

static void disk_show(struct status *s, const struct record *said)
{
	struct libscols_line *row = status_row(&s->table, NULL);
	struct record disk = *said;

	disk_refresh(s, &disk);
	status_text(&s->table, row, COL_NAME, disk.disk);
	status_text(&s->table, row, COL_TYPE, "disk");
	status_number(&s->table, row, COL_SIZE, disk.capacity);
	module_show(s, row, &disk);
	disk_why(s, row, &disk, volumes_show(s, row, &disk));
}

/* Columns have no room for what to do, and a pipe's reader does not ask. */
static void doctor_point(const struct record *disks, size_t n)
{
	const char *before = "what to do about ";

	if (!isatty(STDOUT_FILENO))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!remedy_is_needed(&disks[i]))
			continue;
		printf("%s%s", before, disks[i].disk);
		before = ", ";
	}
	if (!strcmp(before, ", "))
		puts(": growctl doctor");
}

static int disks_show(struct status *s, const struct record *disks, size_t n)
{
	int r = mounts_read(&s->mounts);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		disk_show(s, &disks[i]);
	mnt_unref_table(s->mounts);
	r = status_table_print(&s->table);
	if (r == 0 && !s->table.form.json)
		doctor_point(disks, n);
	return r;
}

static int complain_show(int err)
{
	log_line(LOG_ERR, "cannot show the disks: %s", strerror(-err));
	return EXIT_FAILED;
}

static int disks_read(struct lg *lg, const char *name, struct record **ret, size_t *ret_n)
{
	struct record *one;
	int r;

	if (!name)
		return lg_disk_dump(lg, ret, ret_n);
	one = malloc(sizeof(*one));
	if (!one)
		return -ENOMEM;
	r = lg_disk_get(lg, name, one);
	if (r < 0) {
		free(one);
		return r;
	}
	*ret = one;
	*ret_n = 1;
	return 0;
}

/* Returns an exit code. */
static int module_disks_show(struct status *s, struct lg *lg, const char *name)
{
	struct record *disks;
	size_t n;
	int r = disks_read(lg, name, &disks, &n);

	if (r < 0 && name)
		return cmd_complain_disk(lg, name, r);
	if (r < 0)
		return cmd_complain_list(lg, r);
	r = disks_show(s, disks, n);
	free(disks);
	return r < 0 ? complain_show(r) : EXIT_DONE;
}

/* Without the module: what the kernel shows to everybody. */
static int plain_disks_show(struct status *s, const char *name)
{
	struct record *disks = NULL;
	size_t n = 0;
	int r = disks_without_module(name, &disks, &n);

	if (name && r == 0 && !n)
		log_line(LOG_ERR, "%s: no such disk; 'growctl status' lists those there are", name);
	if (r == 0)
		r = disks_show(s, disks, n);
	free(disks);
	return r;
}

/* Returns an exit code: without the module it is one of failure, whatever can be shown. */
static int show(struct status *s, const char *name)
{
	struct lg lg;
	int r = lg_open(&lg);

	if (r < 0) {
		cmd_complain_open(r);
		r = r == -ENOENT ? plain_disks_show(s, name) : 0;
		return r < 0 ? complain_show(r) : EXIT_FAILED;
	}
	r = module_disks_show(s, &lg, name);
	lg_close(&lg);
	return r;
}

/** cmd_status() - print the tree once; returns an exit code. */
int cmd_status(const struct options *opt)
{
	const struct status_form form = {
		.json = opt->given & OPT_JSON,
		.bytes = opt->given & OPT_BYTES,
		.headings = !(opt->given & OPT_NOHEADINGS),
		.tree = !(opt->given & OPT_LIST),
		.columns = opt->columns,
	};
	struct status s;
	char names[256];
	int r = status_table_new(&form, &s.table);

	if (r == -EINVAL) {
		log_line(LOG_ERR, "no such column in %s; there are %s", opt->columns,
			 status_columns(names, sizeof(names)));
		return EXIT_USAGE;
	}
	if (r < 0)
		return complain_show(r);
	r = show(&s, opt->disk);
	status_table_free(&s.table);
	return r;
}
