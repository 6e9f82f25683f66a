// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measured from what the tools really write, to a file: cut after each sector in
 * the order of their writes, as by direct I/O, and as the page cache may order.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "foreign.h"
#include "pages.h"
#include "preload/spy.h"
#include "report.h"
#include "tool.h"

/* clang-format off */
static const struct tool growers[] = {
	{ "sfdisk", "echo ', +' | sfdisk -q -N $PART --force --no-reread --no-tell-kernel $DISK", 1 },
	{ "sgdisk", "sgdisk -e -d $PART -n $PART:$START:0 -u $PART:$GUID -c $PART:root $DISK", 1 },
	{ "parted", "parted -s -f $DISK resizepart $PART 100%", 1 },
	{ "growpart", "growpart $DISK $PART", 1 },
};
/* clang-format on */

#define MAX_WRITE (1 << 20)
#define NR_GROWERS (sizeof(growers) / sizeof(growers[0]))

typedef void cut_fn(FILE *log, struct ram *ram, state_fn *state, void *context);

struct measured {
	u64 states;
	u64 no_table;
	u64 no_gpt; /* not even a backup at the end that the tool knew or made */
	u64 old_last;
};

u32 foreign_results(void)
{
	return NR_GROWERS;
}

static void count(const struct disk *disk, void *context)
{
	static struct found found;
	struct measured *m = context;

	judge(disk, &found);
	m->states++;
	m->no_table += !found.table;
	m->no_gpt += !judge_has_table(disk, 1) && !judge_has_table(disk, disk->last_lba) &&
		     !judge_has_table(disk, m->old_last);
}

static bool next_record(FILE *log, struct spy_record *record, u8 *data)
{
	if (fread(record, sizeof(*record), 1, log) != 1)
		return false;
	if (record->len > MAX_WRITE || fread(data, 1, record->len, log) != record->len)
		abort();
	return true;
}

static void cut_after_sectors(FILE *log, struct ram *ram, state_fn *state, void *context)
{
	u32 size = ram->disk.lba_size;
	static u8 data[MAX_WRITE];
	struct spy_record record;

	while (next_record(log, &record, data)) {
		for (u64 at = 0; at < record.len; at += size) {
			ram_write(ram, (record.offset + at) / size, 1, data + at);
			state(&ram->disk, context);
		}
	}
}

/* What was not flushed at the end is flushed some time. */
static void cut_write_back(FILE *log, struct ram *ram, state_fn *state, void *context)
{
	static struct pages pages;
	static u8 data[MAX_WRITE];
	struct spy_record record;

	pages.state = state;
	pages.context = context;
	pages_begin(&pages, ram);
	while (next_record(log, &record, data)) {
		if (record.len)
			pages_write(&pages, record.offset, data, record.len);
		else
			pages_flush(&pages);
	}
	pages_flush(&pages);
}

static void set_part(const struct layout *layout)
{
	char start[16];

	snprintf(start, sizeof(start), "%llu", (unsigned long long)layout->spec.parts[0].first);
	setenv("START", start, 1);
	setenv("GUID", "01010101-0101-0101-0101-010101010101", 1);
}

/* Return: the log of the tool's writes; its disk is then as it was before. */
static FILE *record(const struct tool *tool, struct ram *ram, const struct layout *layout)
{
	char path[] = "/tmp/crash-spy-XXXXXX";
	int fd = mkstemp(path);
	FILE *log;

	if (fd < 0)
		abort();
	setenv("SPY_LOG", path, 1);
	set_part(layout);
	tool_run(tool, ram, layout->spec.parts[0].number);
	unsetenv("SPY_LOG");
	unlink(path);
	log = fdopen(fd, "r");
	if (!log)
		abort();
	return log;
}

/* Return: replayed, the writes make the disk that the tool made. */
static bool measure(cut_fn *cut, FILE *log, const struct ram *tooled, struct measured *m)
{
	struct ram ram;
	bool same;

	ram_new(&ram, tooled->base);
	ram.disk.last_lba = tooled->disk.last_lba;
	rewind(log);
	cut(log, &ram, count, m);
	same = m->states && ram_same(&ram, tooled);
	ram_free(&ram);
	return same;
}

static void tell(const char *name, const char *how, const struct measured *m)
{
	printf("%s: %" PRIu64 " of %" PRIu64 " states have no usable table, %" PRIu64
	       " no valid GPT anywhere (%s)\n",
	       name, (uint64_t)m->no_table, (uint64_t)m->states, (uint64_t)m->no_gpt, how);
	report_note("%s: %" PRIu64 " of %" PRIu64 " states have no usable table (%s)", name,
		    (uint64_t)m->no_table, (uint64_t)m->states, how);
}

static void measure_tool(const struct tool *tool, const struct layout *layout,
			 const struct disk *base)
{
	struct measured sectors = { .old_last = layout->spec.last_lba }, pages = sectors;
	struct ram tooled;
	FILE *log;
	bool good;

	ram_new(&tooled, base);
	tooled.disk.last_lba = layout->last_lba;
	log = record(tool, &tooled, layout);
	good = measure(cut_after_sectors, log, &tooled, &sectors);
	good &= measure(cut_write_back, log, &tooled, &pages);
	tell(tool->name, "cut after each sector, in the order of its writes", &sectors);
	tell(tool->name, "pages of the page cache in any order, torn too", &pages);
	report_result(good, tool->name, "its writes, replayed, make the disk that it made");
	fclose(log);
	ram_free(&tooled);
}

void foreign(const struct layout *layout)
{
	struct disk base;

	layout_disk(layout, &base);
	for (u32 i = 0; i < NR_GROWERS; i++)
		measure_tool(&growers[i], layout, &base);
	disk_free(&base);
}

const char *foreign_tool(u32 tool)
{
	return growers[tool].name;
}

void foreign_states(u32 tool, const struct layout *layout, state_fn *state, void *context)
{
	struct disk base;
	struct ram ram;
	FILE *log;

	layout_disk(layout, &base);
	ram_new(&ram, &base);
	ram.disk.last_lba = layout->last_lba;
	log = record(&growers[tool], &ram, layout);
	ram_reset(&ram);
	cut_after_sectors(log, &ram, state, context);
	fclose(log);
	ram_free(&ram);
	disk_free(&base);
}
