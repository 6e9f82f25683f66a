// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Numbers for machines, in the text format of Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). A new one is a line
 * in families[] and its samples.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "alive.h"
#include "filesystem.h"
#include "history.h"
#include "metrics.h"
#include "names.h"
#include "nl_disk.h"
#include "store.h"
#include "sysfs.h"
#include "tally.h"
#include "text.h"

enum family {
	MODULE,
	DAEMON,
	CAPACITY,
	STATE,
	PART_SIZE,
	PART_REACH,
	FS_SIZE,
	FS_REACH,
	GROWS,
	FAILURES,
	DURATION,
	GROWN_AT,
	FAMILIES
};

static const struct {
	const char *name, *type, *help;
} families[FAMILIES] = {
	[MODULE] = { "module_loaded", "gauge", "Whether the kernel module is loaded." },
	[DAEMON] = { "daemon_running", "gauge", "Whether filesystems follow their disks." },
	[CAPACITY] = { "disk_capacity_bytes", "gauge", "Size of the disk." },
	[STATE] = { "disk_state", "gauge", "1 for the state that the disk is in, else 0." },
	[PART_SIZE] = { "partition_size_bytes", "gauge", "Size of the disk's last partition." },
	[PART_REACH] = { "partition_reach_bytes", "gauge", "Size that it could have now." },
	[FS_SIZE] = { "filesystem_size_bytes", "gauge", "Size of the mounted filesystem." },
	[FS_REACH] = { "filesystem_reach_bytes", "gauge", "Size that it could have now." },
	[GROWS] = { "grows_total", "counter", "Partitions and filesystems that have grown." },
	[FAILURES] = { "failures_total", "counter", "Growths that have failed." },
	[DURATION] = { "last_grow_duration_seconds", "gauge",
		       "From the change of the disk's size to the end of its newest growth." },
	[GROWN_AT] = { "last_grow_timestamp_seconds", "gauge", "When that was." },
};

/**
 * struct metrics - all samples, by their families
 * @texts: of each family; the streams fill them
 */
struct metrics {
	FILE *streams[FAMILIES];
	char *texts[FAMILIES];
	size_t sizes[FAMILIES];
	struct tallies tallies;
};

static void label_print(FILE *out, const char *name, const char *value, const char *before)
{
	size_t n;

	fprintf(out, "%s%s=\"", before, name);
	while (*value) {
		const char *c = text_next(&value, &n);

		if (*c == '\n')
			fputs("\\n", out);
		else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else
			fwrite(c, 1, n, out);
	}
	fputc('"', out);
}

/* Labels as pairs of name and value, NULL at their end. */
static FILE *sample_begin(struct metrics *m, enum family family, va_list labels)
{
	FILE *out = m->streams[family];
	const char *name, *before = "{";

	fprintf(out, "livegrow_%s", families[family].name);
	while ((name = va_arg(labels, const char *))) {
		label_print(out, name, va_arg(labels, const char *), before);
		before = ",";
	}
	fputs(*before == '{' ? " " : "} ", out);
	return out;
}

static void __attribute__((sentinel))
sample(struct metrics *m, enum family family, uint64_t value, ...)
{
	va_list labels;

	va_start(labels, value);
	fprintf(sample_begin(m, family, labels), "%" PRIu64 "\n", value);
	va_end(labels);
}

static void __attribute__((sentinel))
sample_seconds(struct metrics *m, enum family family, uint64_t us, ...)
{
	va_list labels;

	va_start(labels, us);
	fprintf(sample_begin(m, family, labels), "%" PRIu64 ".%06" PRIu64 "\n", us / 1000000,
		us % 1000000);
	va_end(labels);
}

static void disk_sample(struct metrics *m, const struct record *disk)
{
	char part[NAME_SIZE + 12];

	/* A counter that begins at 0 has its first growth seen. */
	tally_of(&m->tallies, disk->disk);
	sample(m, CAPACITY, disk->capacity, "disk", disk->disk, NULL);
	for (uint32_t state = 0; state <= LIVEGROW_STATE_UNMANAGED; state++)
		sample(m, STATE, state == disk->state, "disk", disk->disk, "state",
		       name_of_state(state), NULL);
	if (!disk->part)
		return;
	partition_name(disk->disk, disk->part, part, sizeof(part));
	sample(m, PART_SIZE, disk->part_size, "disk", disk->disk, "device", part, NULL);
	sample(m, PART_REACH, disk->part_reach, "disk", disk->disk, "device", part, NULL);
}

static void fs_sample(struct metrics *m, const struct record *disk, const struct fs *fs)
{
	struct fs_facts facts;

	if (fs_facts_read(fs, &facts) < 0)
		return;
	sample(m, FS_SIZE, facts.size, "disk", disk->disk, "device", fs->volume.name, "fstype",
	       fs->place.type, "mountpoint", fs->place.target, NULL);
	sample(m, FS_REACH, facts.reach, "disk", disk->disk, "device", fs->volume.name, "fstype",
	       fs->place.type, "mountpoint", fs->place.target, NULL);
}

static void filesystems_sample(struct metrics *m, struct libmnt_table *mounts,
			       const struct record *disk)
{
	struct volume *volumes;
	struct fs fs;
	size_t n;

	if (volumes_of_disk(disk->disk, &volumes, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (fs_open(mounts, &volumes[i], &fs) < 0)
			continue;
		fs_sample(m, disk, &fs);
		fs_close(&fs);
	}
	free(volumes);
}

static int disks_sample(struct metrics *m)
{
	struct libmnt_table *mounts;
	struct record *disks;
	struct lg lg;
	size_t n;
	int r = lg_open(&lg);

	sample(m, MODULE, r == 0, NULL);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = lg_disk_dump(&lg, &disks, &n);
	lg_close(&lg);
	if (r < 0)
		return r;
	r = mounts_read(&mounts);
	for (size_t i = 0; r == 0 && i < n; i++) {
		disk_sample(m, &disks[i]);
		filesystems_sample(m, mounts, &disks[i]);
	}
	if (r == 0)
		mnt_unref_table(mounts);
	free(disks);
	return r;
}

/* Without the right to read it, the rest is worth having all the same. */
static int history_sample(struct metrics *m)
{
	int r, dir = store_open();

	if (dir == -EACCES)
		return 0;
	r = dir == -ENOENT ? 0 : dir;
	if (dir >= 0) {
		r = history_tally(dir, &m->tallies);
		close(dir);
	}
	for (size_t i = 0; r == 0 && i < m->tallies.n; i++) {
		const struct tally *t = &m->tallies.list[i];

		sample(m, GROWS, t->grows, "disk", t->disk, NULL);
		sample(m, FAILURES, t->failures, "disk", t->disk, NULL);
		if (t->total_us)
			sample_seconds(m, DURATION, t->total_us, "disk", t->disk, NULL);
		if (t->time)
			sample(m, GROWN_AT, t->time, "disk", t->disk, NULL);
	}
	return r;
}

static int streams_open(struct metrics *m)
{
	for (size_t i = 0; i < FAMILIES; i++) {
		m->streams[i] = open_memstream(&m->texts[i], &m->sizes[i]);
		if (!m->streams[i])
			return -ENOMEM;
	}
	return 0;
}

static int streams_close(struct metrics *m)
{
	int r = 0;

	for (size_t i = 0; i < FAMILIES; i++)
		if (!m->streams[i] || fclose(m->streams[i]) == EOF)
			r = -ENOMEM;
	return r;
}

static void families_print(const struct metrics *m, FILE *out)
{
	for (size_t i = 0; i < FAMILIES; i++)
		if (m->sizes[i])
			fprintf(out, "# HELP livegrow_%s %s\n# TYPE livegrow_%s %s\n%s",
				families[i].name, families[i].help, families[i].name,
				families[i].type, m->texts[i]);
}

/**
 * metrics_print() - print what there is to tell now
 * @out: for the text
 *
 * Returns 0 or a negative errno, after which nothing was printed.
 */
int metrics_print(FILE *out)
{
	struct metrics m = { .tallies.n = 0 };
	int r = streams_open(&m), r_close;

	if (r == 0)
		r = disks_sample(&m);
	if (r == 0) {
		sample(&m, DAEMON, alive_daemon(), NULL);
		r = history_sample(&m);
	}
	r_close = streams_close(&m);
	r = r < 0 ? r : r_close;
	if (r == 0)
		families_print(&m, out);
	for (size_t i = 0; i < FAMILIES; i++)
		free(m.texts[i]);
	free(m.tallies.list);
	return r;
}

static int stream_fill(FILE *file)
{
	int r = metrics_print(file);

	if (r == 0 && (fflush(file) == EOF || ferror(file) || fchmod(fileno(file), 0644) < 0))
		r = -errno;
	return r;
}

/**
 * metrics_file() - replace a file by what there is to tell now
 * @path: the file, of a directory that node_exporter reads
 *
 * Whoever reads it finds the old one or the new one; all may read it.
 *
 * Returns 0 or a negative errno.
 */
int metrics_file(const char *path)
{
	char *fresh;
	FILE *file;
	int r;

	/* What ends so is none of the files that the collector takes. */
	if (asprintf(&fresh, "%s.new", path) < 0)
		return -ENOMEM;
	unlink(fresh);
	file = fopen(fresh, "wxe");
	r = file ? stream_fill(file) : -errno;
	if (file && fclose(file) == EOF && r == 0)
		r = -errno;
	if (r == 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	free(fresh);
	return r;
}
