// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl status: disks, partitions, filesystems, and what could still grow. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "advice.h"
#include "cmd.h"
#include "content.h"
#include "filesystem.h"
#include "names.h"
#include "nl_disk.h"
#include "status_table.h"

/* A tail below the usual alignment is nobody's intention and no use. */
#define TAIL_SHOWN (1 << 20)

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
		status_text(&s->table, row, COL_STATE, "full");
		return;
	}
	status_text(&s->table, row, COL_STATE, "could-grow");
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
	} else if (r == -EACCES || r == -EPERM) {
		status_why(&s->table, row, "", "only root can see its size");
	} else if (r == -EOPNOTSUPP) {
		status_why(&s->table, row, "", "growctl cannot grow this type");
	} else {
		status_why(&s->table, row, "", fs_why(fs, r));
	}
}

/* Returns whether the volume holds anything. */
static bool content_show(struct status *s, struct libscols_line *parent, const struct record *disk,
			 const struct volume *v)
{
	struct libscols_line *row;
	char type[CONTENT_SIZE], advice[ADVICE_SIZE];
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
	advice_content(v, type, advice);
	status_why(&s->table, row, "", advice);
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
	free(volumes);
	return any;
}

static void disk_show(struct status *s, const struct record *disk)
{
	struct libscols_line *row = status_row(&s->table, NULL);
	char note[2 * ADVICE_SIZE + SIZE_TEXT + 32] = "", text[SIZE_TEXT], advice[ADVICE_SIZE];
	bool any;

	status_text(&s->table, row, COL_NAME, disk->disk);
	status_text(&s->table, row, COL_TYPE, "disk");
	status_number(&s->table, row, COL_SIZE, disk->capacity);
	status_text(&s->table, row, COL_STATE, name_of_state(disk->state));
	status_text(&s->table, row, COL_REASON, name_of_reason(disk->reason));
	status_text(&s->table, row, COL_DRIVER, disk->driver);
	status_text(&s->table, row, COL_MODE, name_of_mode(disk->mode));
	status_number(&s->table, row, COL_LBA_SIZE, disk->lba_size);
	if (record_has(disk, LIVEGROW_A_FREE_TAIL))
		status_number(&s->table, row, COL_FREE_TAIL, disk->free_tail);
	if (record_has(disk, LIVEGROW_A_BACKUP_ERRNO))
		status_number(&s->table, row, COL_BACKUP_ERRNO, disk->backup_errno);
	any = volumes_show(s, row, disk);
	advice_tail(disk, advice);
	if (!any && disk->state == LIVEGROW_STATE_NO_TABLE)
		snprintf(note, sizeof(note), "neither a partition table nor a filesystem");
	else if (disk->free_tail >= TAIL_SHOWN)
		snprintf(note, sizeof(note), "%s free, not taken%s%s",
			 size_text(disk->free_tail, text), advice[0] ? "; " : "", advice);
	advice_backup(disk, advice);
	if (advice[0])
		snprintf(note + strlen(note), sizeof(note) - strlen(note), "%s%s",
			 note[0] ? "; " : "", advice);
	status_why(&s->table, row, disk->reason_text, note);
	/* To people the note says the same better. */
	if (disk->reason == LIVEGROW_REASON_FREE_TAIL || disk->reason == LIVEGROW_REASON_NO_TABLE)
		status_text(&s->table, row, COL_WHY, note);
}

static int disks_show(bool json, const struct record *disks, size_t n)
{
	struct status s;
	int r = status_table_new(json, &s.table);

	if (r < 0)
		return r;
	r = mounts_read(&s.mounts);
	if (r == 0) {
		for (size_t i = 0; i < n; i++)
			disk_show(&s, &disks[i]);
		r = status_table_print(&s.table);
		mnt_unref_table(s.mounts);
	}
	status_table_free(&s.table);
	return r;
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

/** cmd_status() - print the tree once; returns an exit code. */
int cmd_status(const struct options *opt)
{
	struct record *disks;
	struct lg lg;
	size_t n;
	int r = lg_open(&lg);

	if (r < 0)
		return cmd_complain_open(r);
	r = disks_read(&lg, opt->disk, &disks, &n);
	if (r < 0 && opt->disk) {
		cmd_complain_disk(&lg, opt->disk, r);
	} else if (r < 0) {
		log_line(LOG_ERR, "cannot list the disks: %s", lg_why(&lg, r));
	} else {
		r = disks_show(opt->given & OPT_JSON, disks, n);
		free(disks);
		if (r < 0)
			log_line(LOG_ERR, "cannot show the disks: %s", strerror(-r));
	}
	lg_close(&lg);
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}
