// SPDX-License-Identifier: GPL-2.0-or-later
/* The filesystems of a disk that a person lets grow. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "follow.h"
#include "grow.h"
#include "grower.h"
#include "text.h"

/* So often a terminal is told how far it is. */
#define PROGRESS_MS 500

static bool is_partition_fs(const struct grow *g, const struct volume *v)
{
	return v->number && v->number == g->after.part;
}

static void fs_would(struct grow *g, const struct fs *fs, const struct fs_facts *facts)
{
	char what[FOLLOW_TEXT];

	snprintf(what, sizeof(what), "%s on %s", fs->place.type, fs->place.target);
	plan_row_sizes(g->plan, fs->volume.name, LIVEGROW_STEP_FILESYSTEM, what, facts->size,
		       facts->reach);
	g->changed = true;
}

static void tell(int err, const char *text, bool reported)
{
	(void)reported;
	if (err < 0)
		log_line(LOG_ERR, "%s", text);
	else if (print_line("%s", text) < 0 || fflush(stdout) == EOF)
		log_line(LOG_ERR, "cannot write to standard output; it was: %s", text);
}

/*
 * How far it is, at the left of a terminal's line: what the process has to say is longer,
 * and is written over it.
 */
static void progress_show(const struct fs *fs)
{
	char size[SIZE_TEXT], device[SIZE_TEXT], what[FOLLOW_TEXT];
	struct fs_facts facts;

	if (fs_facts_read(fs, &facts) < 0)
		return;
	follow_what(fs, what);
	fprintf(stderr, "\r\033[K%s: %s of %s\r", text_clean(what), size_text(facts.size, size),
		size_text(facts.reach, device));
}

static void progress_clear(void)
{
	fputs("\033[K", stderr);
}

/* Waits as long as it takes, but not without a word; SIGINT ends the waiting alone. */
static enum grower_end grower_wait(struct grower *grower, const struct fs *fs)
{
	struct pollfd fd = { .fd = grower->pidfd, .events = POLLIN };
	bool is_terminal = isatty(STDERR_FILENO);
	enum grower_end end;

	while (!grower_ended(grower, &end)) {
		poll(&fd, 1, is_terminal ? PROGRESS_MS : grower_patience(grower));
		if (fd.revents)
			continue;
		if (is_terminal)
			progress_clear();
		grower_tell_late(grower);
		if (is_terminal)
			progress_show(fs);
	}
	if (is_terminal)
		progress_clear();
	return end;
}

/* The daemon may be quicker to let it follow, and it is this command's doing all the same. */
static void fs_grown_already(struct grow *g, const struct fs *fs, uint64_t size)
{
	struct fs_grown grown = { .after.size = size };
	char text[FOLLOW_TEXT];

	for (size_t i = 0; i < g->n_was; i++) {
		if (g->was[i].dev != fs->volume.dev || g->was[i].size >= size)
			continue;
		grown.before.size = g->was[i].size;
		follow_words(fs, &grown, 0, text);
		print_line("%s", text);
		g->changed = true;
	}
}

static void fs_now(struct grow *g, const struct fs *fs)
{
	struct grower grower;
	struct fs_facts facts;
	enum grower_end end;
	int r = grower_start(g->look.disk, fs, tell, &grower);

	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot start a process to grow it: %s", fs->volume.name,
			 strerror(-r));
		g->failed = true;
		return;
	}
	end = grower_wait(&grower, fs);
	g->failed |= end == GROWER_FAILED || end == GROWER_BUSY;
	g->changed |= end == GROWER_GROWN;
	if (end == GROWER_UNCHANGED && fs_facts_read(fs, &facts) == 0)
		fs_grown_already(g, fs, facts.size);
}

static void fs_note(struct grow *g, const struct volume *volume)
{
	struct fs_facts facts;
	struct fs fs;

	if (fs_open(g->mounts, volume, &fs) < 0)
		return;
	if (fs_facts_read(&fs, &facts) == 0)
		g->was[g->n_was++] = (struct fs_was){ volume->dev, facts.size };
	fs_close(&fs);
}

/**
 * grow_fs_note() - keep what the filesystems of a disk have before the look
 * @g: its volumes are read; receives the sizes
 *
 * Returns 0 or a negative errno.
 */
int grow_fs_note(struct grow *g)
{
	int r;

	g->was = calloc(g->n_volumes, sizeof(*g->was));
	if (!g->was)
		return -ENOMEM;
	r = mounts_read(&g->mounts);
	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n_volumes; i++)
		fs_note(g, &g->volumes[i]);
	mnt_unref_table(g->mounts);
	return 0;
}

static void fs_fails(struct grow *g, const struct fs *fs, int err)
{
	char text[FOLLOW_TEXT];

	g->failed = true;
	if (g->plan) {
		snprintf(text, sizeof(text), "%s on %s: %s", fs->place.type, fs->place.target,
			 fs_why(fs, err));
		plan_row_words(g->plan, fs->volume.name, "refused", text);
		return;
	}
	follow_words(fs, NULL, err, text);
	log_line(LOG_ERR, "%s", text);
}

static bool partition_grows(const struct grow *g)
{
	uint64_t old = g->plan ? g->after.part_size : g->look.part_old_size;
	uint64_t new = g->plan ? g->reach : g->after.part_size;

	return old && new > old && !grow_is_refused(g);
}

/*
 * Of a type that growctl does not know it cannot tell whether there is anything to
 * grow: it is a failure where its partition has become larger, or where it is the disk.
 */
static void fs_unknown(struct grow *g, const struct fs *fs)
{
	bool whole = !fs->volume.number && !g->all;

	if (!whole && !(is_partition_fs(g, &fs->volume) && partition_grows(g)))
		return;
	g->any_fs |= whole;
	fs_fails(g, fs, -EOPNOTSUPP);
}

/* Without a partition there is nothing that could end before the disk does. */
static void fs_unbounded(struct grow *g, const struct fs *fs)
{
	static const char why[] = "has no partition that --size or --keep-free could bound; it "
				  "would take all of the disk";
	char text[FOLLOW_TEXT];

	g->any_fs = g->failed = true;
	snprintf(text, sizeof(text), "%s on %s: %s", fs->place.type, fs->place.target, why);
	grow_refuse(g, fs->volume.name, text);
}

/* A dry run says what the real one says: both stop at the same check. */
static void fs_take(struct grow *g, struct fs *fs)
{
	struct fs_facts facts;
	int r;

	r = fs_check(fs, &facts);
	/* What a crash left unfinished is nothing to foretell. */
	if (g->plan)
		facts.unfinished = false;
	if (!fs->volume.number && g->bounded && !(r == 0 && fs_is_full(&facts))) {
		fs_unbounded(g, fs);
	} else if (!fs->ops) {
		fs_unknown(g, fs);
	} else if (r == 0 && fs_is_full(&facts)) {
		fs_grown_already(g, fs, facts.size);
	} else if (r == 0 && g->plan) {
		fs_would(g, fs, &facts);
	} else if (r == 0) {
		fs_now(g, fs);
	} else {
		fs_fails(g, fs, r);
	}
}

/**
 * grow_fs_all() - let the filesystems of a disk follow, and say so
 * @g: the disk, after its look; receives what came of it
 *
 * Goes by the sizes of now: the partition may have grown since they were read.
 * A filesystem that fails is told, and is no error here.
 *
 * Returns 0 or a negative errno.
 */
int grow_fs_all(struct grow *g)
{
	struct fs fs;
	int r;

	free(g->volumes);
	g->volumes = NULL;
	g->n_volumes = 0;
	r = volumes_of_disk(g->look.disk, &g->volumes, &g->n_volumes);
	if (r == 0)
		r = mounts_read(&g->mounts);
	if (r < 0)
		return r;
	for (size_t i = 0; i < g->n_volumes; i++) {
		struct volume *v = &g->volumes[i];

		if (g->number && v->number != g->number)
			continue;
		if (g->plan && is_partition_fs(g, v) && g->reach > v->size)
			v->size = g->reach;
		if (fs_open(g->mounts, v, &fs) < 0)
			continue;
		g->any_fs |= fs.ops != NULL;
		fs_take(g, &fs);
		fs_close(&fs);
	}
	mnt_unref_table(g->mounts);
	return 0;
}
