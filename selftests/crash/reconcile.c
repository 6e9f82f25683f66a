// SPDX-License-Identifier: GPL-2.0-or-later
/* kmod/reconcile.c and kmod/commit.c in small; each round reads everything anew. */
#include <stdlib.h>
#include <string.h>
#include <livegrow/mbr.h>
#include <livegrow/withdrawn.h>

#include "executor.h"
#include "reconcile.h"
#include "recover.h"

#define MAX_ROUNDS 16

struct run {
	struct ram *ram;
	struct kernel *kernel;
	const struct shrink *shrink; /* to come, or NULL */
	struct trace *trace;
	struct outcome *outcome;
	struct look look;
};

void kernel_boot(struct kernel *kernel, const struct disk *disk, u32 align, u32 flags)
{
	static struct found found;
	u32 sectors = disk->lba_size / 512;

	kernel->lba_size = disk->lba_size;
	kernel->settled_last = disk->last_lba;
	kernel->used_last = disk->last_lba;
	kernel->fitted_last = 0;
	kernel->seen_last = disk->last_lba;
	kernel->was_shrunk = false;
	kernel->resuming = 0;
	kernel->align = align;
	kernel->flags = flags;
	kernel->holding = (struct lg_holding){ .mount = LG_MOUNT_WRITABLE, .is_held = true };
	kernel->order.part = 0;
	judge(disk, &found);
	kernel->nr_live = found.nr_parts;
	for (u32 i = 0; i < found.nr_parts; i++)
		kernel->live[i] = (struct lg_live){
			.number = found.parts[i].number,
			.start = found.parts[i].first * sectors,
			.nr_sectors = (found.parts[i].last - found.parts[i].first + 1) * sectors,
		};
}

bool write_is_lawful(const struct disk *disk, const struct found *found, u64 lba, u32 count)
{
	const u8 *header = disk_at(disk, 1);
	u64 size = get_le(header + H_NR_ENTRIES, 4) * get_le(header + H_ENTRY_SIZE, 4);
	u64 array_lbas = (size + disk->lba_size - 1) / disk->lba_size;

	if (lba + count > disk->last_lba + 1 || (lba <= 1 && count != 1))
		return false;
	/* LBA 1 names no array if that went with the disk's end. */
	if (judge_has_table(disk, 1) &&
	    ranges_meet(lba, count, get_le(header + H_ARRAY_LBA, 8), array_lbas))
		return false;
	return !found_hits(found, lba, count);
}

/* What goes on and on is recorded no further; it ends astray. */
static void record(struct trace *trace, const struct lg_step *step, u32 lba_size)
{
	struct write *write = &trace->writes[trace->nr];

	if (trace->nr == MAX_WRITES)
		return;
	trace->nr++;
	write->id = step->id;
	write->lba = step->lba;
	write->count = step->count;
	write->data = malloc((size_t)step->count * lba_size);
	if (!write->data)
		abort();
	memcpy(write->data, step->data, (size_t)step->count * lba_size);
}

void trace_free(struct trace *trace)
{
	for (; trace->nr; trace->nr--)
		free(trace->writes[trace->nr - 1].data);
}

/* A dead primary names no array that counts; what a recovery may write is judged elsewhere. */
static bool is_of_recovery(const struct lg_step *step)
{
	return step->id == LIVEGROW_STEP_RECOVER_ARRAY || step->id == LIVEGROW_STEP_RECOVER_HEADER;
}

static void shrink_if_due(struct run *run)
{
	if (!run->shrink || run->outcome->writes < run->shrink->after)
		return;
	ram_shrink(run->ram, run->shrink->last_lba);
	run->shrink = run->shrink->next;
}

static void run_step(struct run *run, const struct lg_step *step)
{
	static struct found found;

	judge(&run->ram->disk, &found);
	if (!is_of_recovery(step) &&
	    !write_is_lawful(&run->ram->disk, &found, step->lba, step->count))
		run->outcome->unlawful++;
	if (run->trace)
		record(run->trace, step, run->ram->disk.lba_size);
	ram_write(run->ram, step->lba, step->count, step->data);
	run->outcome->writes++;
	shrink_if_due(run);
}

/* A block that the step writes, names or compares is gone. */
static bool is_cut_off(const struct run *run, const struct lg_step *step)
{
	u64 blocks = run->ram->disk.last_lba + 1, array = run->look.loaded.table.array_lbas;

	return step->lba + step->count > blocks || step->before.array_lba + array > blocks ||
	       (step->lba == 1 && get_le(step->data + H_ARRAY_LBA, 8) + array > blocks);
}

static bool refuse(struct run *run, enum livegrow_reason reason)
{
	run->outcome->ending = ENDED_REFUSED;
	run->outcome->reason = reason;
	return false;
}

/* Return: another round follows. Nobody else writes here, so a step has to fit. */
static bool execute(struct run *run)
{
	const struct lg_plan *plan = &run->look.plan;

	for (u32 i = 0; i < plan->nr_steps; i++) {
		if (is_cut_off(run, &plan->steps[i]))
			return true;
		if (ram_is_bad(run->ram, plan->steps[i].lba, plan->steps[i].count))
			return refuse(run, LIVEGROW_REASON_STEP_FAILED);
		if (!step_fits(&run->ram->disk, &run->look, &plan->steps[i])) {
			run->outcome->ending = ENDED_ASTRAY;
			return false;
		}
		run_step(run, &plan->steps[i]);
	}
	return true;
}

static void get_buffer(struct look *look)
{
	const struct lg_table *table = &look->loaded.table;

	look->buffer = malloc((size_t)lg_plan_buffer_lbas(table) * table->lba_size);
	if (!look->buffer)
		abort();
}

static void fit(struct run *run)
{
	u64 last_lba = run->look.loaded.table.last_lba;

	if (run->kernel->fitted_last < last_lba)
		run->kernel->fitted_last = last_lba;
}

static bool finish(struct run *run, const struct lg_part *last)
{
	get_buffer(&run->look);
	lg_plan_finish(&run->look.loaded.table, run->look.buffer, &run->look.plan);
	run->kernel->resuming = last ? last->number : 0;
	return execute(run);
}

static bool commit(struct run *run)
{
	struct look *look = &run->look;

	get_buffer(look);
	lg_plan_commit(&look->loaded.table, &look->goal, &look->loaded.stale, look->buffer,
		       &look->plan);
	if (look->goal.grow_to)
		run->kernel->resuming = look->goal.part->number;
	fit(run);
	if (!execute(run))
		return false;
	run->kernel->settled_last = look->loaded.table.last_lba;
	return true;
}

static void use(struct kernel *kernel)
{
	kernel->used_last = kernel->settled_last;
	kernel->fitted_last = 0;
}

static bool pursue(struct run *run)
{
	const struct lg_table *table = &run->look.loaded.table;
	u64 settled = run->kernel->settled_last;
	struct lg_wish wish = {
		.heard_last = settled < table->last_lba ? settled : table->last_lba,
		.align = run->kernel->align,
		.flags = run->kernel->flags,
		.holding = run->kernel->holding,
	};

	run->kernel->resuming = 0;
	lg_policy(table, &wish, &run->look.goal);
	if (run->look.goal.write)
		return commit(run);
	if (run->look.goal.state != LIVEGROW_STATE_FULL)
		return refuse(run, run->look.goal.reason);
	run->kernel->settled_last = table->last_lba;
	use(run->kernel);
	run->outcome->ending = ENDED_IN_ORDER;
	return false;
}

static struct lg_live *live_of(struct kernel *kernel, const struct lg_part *part)
{
	for (u32 i = 0; i < kernel->nr_live; i++)
		if (kernel->live[i].number == part->number)
			return &kernel->live[i];
	return NULL;
}

static bool roll_back(struct run *run, struct lg_live *live)
{
	struct lg_rollback *order = &run->kernel->order;

	switch (lg_rollback_judge(&run->look.loaded.table, live, order, &run->look.goal)) {
	case LG_ROLLBACK_TABLE:
		return commit(run);
	case LG_ROLLBACK_LIVE:
		live->nr_sectors = order->size / 512;
		use(run->kernel);
		return true;
	case LG_ROLLBACK_DONE:
		order->part = 0;
		return true;
	default:
		return refuse(run, LIVEGROW_REASON_ROLLBACK);
	}
}

static bool agrees(const struct run *run, const struct lg_part *last, u32 resuming)
{
	const struct lg_table *table = &run->look.loaded.table;
	const struct kernel *kernel = run->kernel;

	if (last && (table->unfinished || kernel->order.part))
		return lg_live_agrees_but(table, kernel->live, kernel->nr_live, last->number);
	return lg_live_agrees(table, kernel->live, kernel->nr_live, resuming);
}

static bool distrusts(struct kernel *kernel)
{
	if (kernel->flags & LIVEGROW_FLAG_ASKED)
		kernel->was_shrunk = false;
	return kernel->was_shrunk;
}

static bool bring(struct run *run)
{
	const struct lg_table *table = &run->look.loaded.table;
	const struct lg_part *last = lg_table_last_part(table);
	struct kernel *kernel = run->kernel;
	u32 resuming = 0;
	struct lg_live *live;
	u64 nr_sectors;

	if (last && (kernel->flags & LIVEGROW_FLAG_ASKED || last->number == kernel->resuming))
		resuming = last->number;
	if (!agrees(run, last, resuming))
		return refuse(run, LIVEGROW_REASON_TABLE_DIFFERS);
	if (!kernel->order.part && distrusts(kernel))
		return refuse(run, LIVEGROW_REASON_WAS_SHRUNK);
	if (table->unfinished)
		return finish(run, last);
	live = last ? live_of(kernel, last) : NULL;
	if (kernel->order.part)
		return roll_back(run, live);
	nr_sectors = last ? (last->last - last->first + 1) * (table->lba_size / 512) : 0;
	if (!live || live->nr_sectors == nr_sectors)
		return pursue(run);
	run->outcome->shrunk += live->nr_sectors > nr_sectors;
	live->nr_sectors = nr_sectors;
	use(kernel);
	kernel->resuming = 0;
	return true;
}

static bool recover(struct run *run)
{
	enum livegrow_reason reason;
	struct recovery recovery;

	reason = recovery_load(&run->ram->disk, run->kernel, &recovery);
	for (u32 i = 0; i < recovery.plan.nr_steps; i++)
		run_step(run, &recovery.plan.steps[i]);
	recovery_free(&recovery);
	return reason ? refuse(run, reason) : true;
}

static void note_resuming(struct run *run)
{
	const struct lg_table *table = &run->look.loaded.table;
	const struct lg_part *part = run->look.goal.part;
	const struct lg_live *live = live_of(run->kernel, part);
	u64 nr_sectors = (part->last - part->first + 1) * (table->lba_size / 512);

	run->kernel->resuming = live && live->nr_sectors < nr_sectors ? part->number : 0;
}

static bool write_withdrawn(struct run *run)
{
	struct look *look = &run->look;

	look->is_withdrawn = true;
	get_buffer(look);
	lg_plan_withdrawn(&look->loaded.table, &look->goal, look->buffer, &look->plan);
	fit(run);
	if (!execute(run))
		return false;
	note_resuming(run);
	if (!run->kernel->resuming)
		run->kernel->settled_last = run->kernel->used_last;
	return true;
}

/* Return: it was a commit whose new end is gone, and @ret_again is the answer. */
static bool is_withdrawn(struct run *run, enum livegrow_reason reason, bool *ret_again)
{
	struct lg_table *table = &run->look.loaded.table;
	const struct kernel *kernel = run->kernel;
	const struct lg_withdrawn known = {
		.live = kernel->live,
		.nr_live = kernel->nr_live,
		.used_last = kernel->used_last,
		.fitted_last = kernel->fitted_last,
		.is_ordered = kernel->flags & LIVEGROW_FLAG_RECOVER,
		.is_asked = kernel->flags & LIVEGROW_FLAG_ASKED,
	};

	if (!lg_withdrawn_find(table, reason))
		return false;
	fixture_load_array(&run->ram->disk, &run->look.loaded, table->home_lba);
	switch (lg_withdrawn_judge(table, reason, run->look.loaded.array, &known,
				   &run->look.goal)) {
	case LG_WITHDRAWN_WRITE:
		*ret_again = write_withdrawn(run);
		return true;
	case LG_WITHDRAWN_ASK:
		*ret_again = refuse(run, LIVEGROW_REASON_PRIMARY_DAMAGED);
		return true;
	default:
		return false;
	}
}

static bool judge_unsound(struct run *run, enum livegrow_reason reason)
{
	bool again;

	if (is_withdrawn(run, reason, &again))
		return again;
	if (reason == LIVEGROW_REASON_PRIMARY_DAMAGED && run->kernel->flags & LIVEGROW_FLAG_RECOVER)
		return recover(run);
	return refuse(run, reason);
}

/* The array that LBA 1 names cannot be read, or the backup's. */
static bool is_unreadable(const struct run *run)
{
	const struct lg_table *table = &run->look.loaded.table;
	const struct disk *disk = &run->ram->disk;
	u64 lba = table->array_lba;

	if (!run->look.loaded.array)
		return false;
	if (ram_is_bad(run->ram, lba, table->array_lbas))
		return true;
	lba = table->unfinished ? 0 : lg_backup_array_lba(table, disk_at(disk, table->alternate));
	return lba && ram_is_bad(run->ram, lba, table->array_lbas);
}

static bool mend_unreadable(struct run *run)
{
	bool again;

	if (is_withdrawn(run, LIVEGROW_REASON_NONE, &again))
		return again;
	return refuse(run, LIVEGROW_REASON_STEP_FAILED);
}

static bool cuts_partition(const struct kernel *kernel, u64 sectors)
{
	for (u32 i = 0; i < kernel->nr_live; i++)
		if (kernel->live[i].start + kernel->live[i].nr_sectors > sectors)
			return true;
	return false;
}

static void notice_capacity(struct kernel *kernel, const struct disk *disk)
{
	u64 last = disk->last_lba, sectors = (last + 1) * (disk->lba_size / 512);

	if (last < kernel->seen_last)
		kernel->was_shrunk |= last < kernel->used_last || cuts_partition(kernel, sectors);
	kernel->seen_last = last;
}

static bool round_of(struct run *run)
{
	const struct disk *disk = &run->ram->disk;
	enum livegrow_reason reason;
	bool again;

	notice_capacity(run->kernel, disk);
	memset(&run->look, 0, sizeof(run->look));
	if (lg_mbr_kind(disk_at(disk, 0)) != LG_MBR_PROTECTIVE)
		return refuse(run, LIVEGROW_REASON_NO_TABLE);
	reason = fixture_load(disk, &run->look.loaded);
	if (is_unreadable(run))
		again = mend_unreadable(run);
	else
		again = reason ? judge_unsound(run, reason) : bring(run);
	look_free(&run->look);
	return again;
}

static void run_rounds(struct run *run)
{
	*run->outcome = (struct outcome){ .ending = ENDED_ASTRAY };
	if (run->trace)
		run->trace->nr = 0;
	shrink_if_due(run);
	for (int round = 0; round < MAX_ROUNDS && round_of(run); round++)
		;
}

void reconcile(struct ram *ram, struct kernel *kernel, struct trace *trace, struct outcome *outcome)
{
	struct run run = { .ram = ram, .kernel = kernel, .trace = trace, .outcome = outcome };

	run_rounds(&run);
}

void reconcile_shrinking(struct ram *ram, struct kernel *kernel, const struct shrink *shrink,
			 struct trace *trace, struct outcome *outcome)
{
	struct run run = {
		.ram = ram,
		.kernel = kernel,
		.shrink = shrink,
		.trace = trace,
		.outcome = outcome,
	};

	run_rounds(&run);
}
