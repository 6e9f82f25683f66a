// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between two flushes any of the sectors may have reached the disk, whichever
 * write they belong to; of each state the same is asked as of the enumerator's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "replay.h"
#include "subject.h"
#include "writelog.h"

#define TOLD 3 /* bad states that are told in detail */

struct sector {
	u64 lba;
	const u8 *data;
};

/* The writes since the last flush. */
struct unflushed {
	u32 nr_writes;
	u32 nr_sectors;
	struct write writes[MAX_WRITES];
	struct sector sectors[CUT_MAX_SECTORS];
};

struct replay {
	struct subject subject;
	struct unflushed unflushed;
	struct ram work;
	u64 writes;
	u64 states;
	u64 bad;
	u64 identical; /* resumed to the plan's bytes */
	u64 unflushed_writes; /* when the next one came, or at the end */
};

static void tell(struct replay *r, const char *what, const struct cuts *cuts)
{
	if (++r->bad > TOLD)
		return;
	fprintf(stderr, "%s: %s: write %llu and %u before it, sectors ", r->subject.layout->name,
		what, r->writes, r->unflushed.nr_writes - 1);
	for (u32 i = 0; i < cuts->count; i++)
		fputc(cuts->written[i] ? '1' : '0', stderr);
	fputc('\n', stderr);
}

static bool is_lawful(const struct replay *r, const struct found *found)
{
	for (u32 i = 0; i < r->unflushed.nr_writes; i++) {
		const struct write *write = &r->unflushed.writes[i];

		if (!write_is_lawful(&r->work.disk, found, write->lba, write->count))
			return false;
	}
	return true;
}

static bool judge_state(struct replay *r, const struct cuts *cuts)
{
	static struct found found;

	judge(&r->work.disk, &found);
	if (!subject_knows(&r->subject, &found))
		tell(r, "not the old table and not the new", cuts);
	else if (!is_lawful(r, &found))
		tell(r, "goes on to write what it must not", cuts);
	else
		return true;
	return false;
}

static void resume(struct replay *r, const struct cuts *cuts)
{
	struct outcome outcome;
	struct kernel kernel;

	subject_boot(&r->subject, &r->work, &kernel);
	reconcile(&r->work, &kernel, NULL, &outcome);
	if (ram_same(&r->work, &r->subject.final))
		r->identical++;
	else
		tell(r, "resumed, not the plan's bytes", cuts);
}

static void try_cut(struct replay *r, const struct ram *flushed, const struct cuts *cuts)
{
	const struct sector *sectors = r->unflushed.sectors;

	ram_copy(&r->work, flushed);
	for (u32 i = 0; i < cuts->count; i++)
		if (cuts->written[i])
			ram_write(&r->work, sectors[i].lba, 1, sectors[i].data);
	r->states++;
	if (judge_state(r, cuts))
		resume(r, cuts);
}

/* None of the sectors is all of those before: tried once. */
static void try_unflushed(struct replay *r, const struct ram *flushed)
{
	struct cuts cuts;

	cuts_begin(&cuts, r->unflushed.nr_sectors, CUT_RANDOM_SUBSETS);
	if (r->states)
		cuts_next(&cuts);
	while (cuts_next(&cuts))
		try_cut(r, flushed, &cuts);
}

static void flush(struct replay *r, struct ram *flushed)
{
	if (!r->unflushed.nr_writes)
		return;
	try_unflushed(r, flushed);
	for (u32 i = 0; i < r->unflushed.nr_sectors; i++)
		ram_write(flushed, r->unflushed.sectors[i].lba, 1, r->unflushed.sectors[i].data);
	r->unflushed_writes += r->unflushed.nr_writes - 1;
	r->unflushed.nr_writes = 0;
	r->unflushed.nr_sectors = 0;
}

static void fail(const char *what)
{
	fprintf(stderr, "replay: %s\n", what);
	exit(1);
}

static void add_write(struct replay *r, const struct logged *entry)
{
	u32 size = r->work.disk.lba_size, count = (u32)(entry->len / size);
	struct unflushed *u = &r->unflushed;
	u64 lba = entry->offset / size;

	if (entry->offset % size || entry->len % size || lba + count > r->work.disk.last_lba + 1)
		fail("a write that is no whole blocks of the disk");
	if (u->nr_writes == MAX_WRITES || u->nr_sectors + count > CUT_MAX_SECTORS)
		fail("too much without a flush");
	u->writes[u->nr_writes++] = (struct write){ .lba = lba, .count = count };
	for (u32 i = 0; i < count; i++)
		u->sectors[u->nr_sectors++] =
			(struct sector){ lba + i, entry->data + (size_t)i * size };
	r->writes++;
}

/* What comes with a flush is written after it, and flushed itself where FUA says so. */
static void replay_log(struct replay *r, struct writelog *log, struct ram *flushed)
{
	struct logged entry;

	while (writelog_next(log, &entry)) {
		if (entry.flags & LOGGED_DISCARD)
			fail("a discard");
		if (entry.flags & LOGGED_FLUSH)
			flush(r, flushed);
		if (entry.len)
			add_write(r, &entry);
		if (entry.flags & LOGGED_FUA)
			flush(r, flushed);
	}
	r->unflushed_writes += r->unflushed.nr_writes != 0;
	flush(r, flushed);
}

/* Byte for byte, where nothing was written as well. */
static bool is_file(const struct disk *disk, const char *path)
{
	uint64_t size;
	const u8 *bytes = file_map(path, &size);
	bool same = size == (disk->last_lba + 1) * disk->lba_size &&
		    !memcmp(bytes, disk->bytes, size);

	munmap((void *)bytes, size);
	return same;
}

static void print_counts(const struct replay *r, uint64_t seed, bool plans, bool guests)
{
	printf("{\"seed\": %" PRIu64 ", \"writes\": %llu, \"unflushed\": %llu, ", seed, r->writes,
	       r->unflushed_writes);
	printf("\"states\": %llu, \"bad\": %llu, \"identical\": %llu, ", r->states, r->bad,
	       r->identical);
	printf("\"plan\": %s, \"guest\": %s}\n", plans ? "true" : "false",
	       guests ? "true" : "false");
}

int replay(const struct layout *layout, const char *path, const char *disk)
{
	const uint64_t seed = cuts_seed();
	static struct replay r;
	struct writelog log;
	struct ram flushed;
	bool plans, guests;

	subject_new(&r.subject, layout);
	ram_new(&r.work, &r.subject.base);
	ram_new(&flushed, &r.subject.base);
	r.work.disk.last_lba = layout->last_lba;
	flushed.disk.last_lba = layout->last_lba;
	writelog_open(&log, path);
	replay_log(&r, &log, &flushed);
	plans = ram_same(&flushed, &r.subject.final);
	guests = is_file(&flushed.disk, disk);
	print_counts(&r, seed, plans, guests);
	writelog_close(&log);
	ram_free(&flushed);
	ram_free(&r.work);
	subject_free(&r.subject);
	return r.bad || !r.states || !plans || !guests;
}
