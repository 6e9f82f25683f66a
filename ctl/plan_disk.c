// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The plan of one of this machine's disks. The module says whether it would write,
 * the core what; where a flag stands for something that the module alone knows, it is
 * found by what the one says of the other.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/fs.h>

#include "content.h"
#include "filesystem.h"
#include "in_use.h"
#include "mounts.h"
#include "names.h"
#include "plan_disk.h"
#include "sysfs.h"

#define SECTOR 512

/*
 * As the module reads it: what another tool has in the page cache of the whole disk may
 * be older than what lies on it.
 */
static int disk_open(const char *disk)
{
	struct volume volume;
	int r = volume_read(disk, &volume), fd;

	if (r < 0)
		return r;
	fd = volume_open(&volume);
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_DIRECT);
	return fd;
}

/** plan_may_write() - whether the module may write to a disk at all: no dm or md holds it, nor is it read-only. */
bool plan_may_write(const char *disk)
{
	int read_only = 1, fd = disk_open(disk);

	if (fd < 0)
		return false;
	if (ioctl(fd, BLKROGET, &read_only) < 0)
		read_only = 1;
	close(fd);
	return !read_only && !volume_is_linked(disk, "holders");
}

static bool content_grows(int fd, const struct plan_end *end)
{
	char type[CONTENT_SIZE];

	return content_probe_at(fd, end->start, end->from, type) == 0 && content_growable(type);
}

/* Another tool wrote the table of before; live the partition is as it had grown. */
static bool is_taken_back(const struct record *disk, const struct plan_end *end)
{
	return disk->part && disk->part == end->number && disk->part_size > end->from;
}

/* What the module has besides what it was told: 0 where @end fits what it says. */
static uint32_t flags_missing(int fd, const struct record *disk, uint32_t flags,
			      const struct plan_end *end)
{
	uint32_t more = 0;

	/* When that was taken, its content was known. */
	if (is_taken_back(disk, end))
		more |= LIVEGROW_FLAG_CONTENT;
	if (end->reason == LIVEGROW_REASON_PART_CONTENT && content_grows(fd, end))
		more |= LIVEGROW_FLAG_CONTENT;
	/* It has growctl's answer, or waits for none. */
	if (end->reason == LIVEGROW_REASON_CONTENT_AWAITED && record_would_write(disk))
		more |= LIVEGROW_FLAG_CONTENT;
	/* It heard the disk grow, and another tool has moved the backup since. */
	if (record_would_write(disk) && !end->writes && end->to <= disk->part_size)
		more |= LIVEGROW_FLAG_FREE_TAIL;
	return more & ~flags;
}

/* The module says how the partition is used by whether it would write: here it is the same. */
static void holding_read(const struct record *disk, struct lg_holding *ret)
{
	char name[NAME_SIZE + 12];
	struct libmnt_table *mounts;
	struct volume v;

	partition_name(disk->disk, disk->part, name, sizeof(name));
	if (volume_read(name, &v) < 0 || mounts_read(&mounts) < 0)
		return;
	ret->is_held = in_use(mounts, &v);
	ret->mount = fs_mount_of(mounts, &v);
	mnt_unref_table(mounts);
}

/* The kernel's partitions, as the core compares them with the table; free() them. */
static int live_read(const char *disk, struct lg_live **ret, uint32_t *ret_n)
{
	struct lg_live *live;
	struct volume *volumes;
	size_t n;
	int r = volumes_of_disk(disk, &volumes, &n);

	if (r < 0)
		return r;
	/* A disk without partitions stands for itself. */
	if (n == 1 && !volumes[0].number)
		n = 0;
	live = calloc(n + 1, sizeof(*live));
	for (size_t i = 0; live && i < n; i++)
		live[i] = (struct lg_live){
			.number = volumes[i].number,
			.start = volumes[i].start / SECTOR,
			.nr_sectors = volumes[i].size / SECTOR,
		};
	free(volumes);
	*ret = live;
	*ret_n = (uint32_t)n;
	return live ? 0 : -ENOMEM;
}

static int steps(struct draft *draft, const struct record *disk, const struct plan_word *said,
		 struct plan_table *rows, struct plan_end *ret)
{
	struct plan_word word = *said;
	uint32_t more;

	holding_read(disk, &word.holding);
	do {
		struct draft trial = *draft;
		int r = plan_steps(&trial, disk->disk, &word, NULL, ret);

		draft_free(&trial);
		if (r < 0)
			return r;
		if (is_taken_back(disk, ret))
			word.live_last = (ret->start + disk->part_size) / draft->lba_size - 1;
		more = flags_missing(draft->fd, disk, word.flags, ret);
		word.flags |= more;
	} while (more);
	return plan_steps(draft, disk->disk, &word, rows, ret);
}

static int steps_live(struct draft *draft, const struct record *disk, const struct plan_word *said,
		      struct plan_table *rows, struct plan_end *ret)
{
	struct plan_word word = *said;
	struct lg_live *live;
	int r = live_read(disk->disk, &live, &word.n_live);

	if (r < 0)
		return r;
	word.live = live;
	word.is_due = record_would_write(disk);
	r = steps(draft, disk, &word, rows, ret);
	free(live);
	return r;
}

/**
 * plan_of_disk() - what a grow would write to a disk's table, and to its partition
 * @disk: what the module says of it, after a dry run
 * @word: what was permitted to that
 * @rows: receives the steps
 * @ret: receives how it ends; @from is the live partition's size
 *
 * Returns 0 or a negative errno.
 */
int plan_of_disk(const struct record *disk, const struct plan_word *word, struct plan_table *rows,
		 struct plan_end *ret)
{
	struct draft draft;
	int r, fd = disk_open(disk->disk);

	if (fd < 0)
		return fd;
	r = draft_of_disk(fd, &draft);
	if (r == 0) {
		r = steps_live(&draft, disk, word, rows, ret);
		draft_free(&draft);
	}
	close(fd);
	if (r == 0 && disk->part == ret->number)
		ret->from = disk->part_size;
	return r;
}

/**
 * plan_without_module() - begin with a disk that nobody knows more of
 * @disk: its name
 * @draft: receives it; draft_free() it
 * @ret_fd: receives its descriptor; close() it
 *
 * Returns 0 or a negative errno.
 */
int plan_without_module(const char *disk, struct draft *draft, int *ret_fd)
{
	int r, fd = disk_open(disk);

	if (fd < 0)
		return fd;
	r = draft_of_disk(fd, draft);
	if (r < 0)
		close(fd);
	else
		*ret_fd = fd;
	return r;
}
