// SPDX-License-Identifier: GPL-2.0-only
/* The steps that plan.h describes, made of a table and a goal. */
#include <livegrow/marker.h>
#include <livegrow/mbr.h>
#include <livegrow/plan.h>
#include <livegrow/withdrawn.h>

/* The blocks that a commit writes, carved from the caller's buffer. */
struct blocks {
	u8 *backup;		/* new array, then the backup header */
	u8 *switched;		/* LBA 1 of step 2 */
	u8 *final;		/* LBA 1 when all is done */
	u8 *mbr;
	u8 *zeros;
};

u32 lg_plan_buffer_lbas(const struct lg_table *table)
{
	return 2 * table->array_lbas + 4;
}

static void carve(const struct lg_table *table, u8 *buffer, struct blocks *b)
{
	size_t array = (size_t)table->array_lbas * table->lba_size;

	memset(buffer, 0, (size_t)lg_plan_buffer_lbas(table) * table->lba_size);
	b->backup = buffer;
	b->switched = b->backup + array + table->lba_size;
	b->final = b->switched + table->lba_size;
	b->mbr = b->final + table->lba_size;
	b->zeros = b->mbr + table->lba_size;
}

static void add_step(struct lg_plan *plan, enum livegrow_step id, u64 lba, u32 count,
		     const u8 *data, const struct lg_image *before)
{
	plan->steps[plan->nr_steps++] = (struct lg_step){
		.id = id, .lba = lba, .count = count, .data = data, .before = *before,
	};
}

/* The array as it was, but for the end of the partition that grows or goes back. */
static void make_array(const struct lg_table *table, const struct lg_goal *goal, u8 *array)
{
	struct lg_gpt_entry *entry;

	memcpy(array, table->array, (size_t)table->array_lbas * table->lba_size);
	if (!goal->grow_to)
		return;
	entry = (void *)(array + (size_t)(goal->part->number - 1) * table->entry_size);
	entry->last_lba = cpu_to_le64(goal->grow_to);
}

/* The primary header for the disk's new end; what is unknown in it survives. */
static void make_primary(const struct lg_table *table, const struct lg_goal *goal, const u8 *array,
			 u8 *block)
{
	u64 end = lg_table_usable_end(table, table->last_lba);
	struct lg_gpt_header *h = (void *)block;
	size_t size = (size_t)table->nr_entries * table->entry_size;

	memcpy(block, table->header, table->lba_size);
	if (lg_marker_read(block, table->lba_size))
		lg_marker_clear(block, table->lba_size);
	/* The header keeps the space that it reserves if only a torn backup is written again. */
	if (goal->grow_to || table->alternate != table->last_lba || table->last_usable > end)
		h->last_usable_lba = cpu_to_le64(end);
	h->alternate_lba = cpu_to_le64(table->last_lba);
	h->array_lba = cpu_to_le64(table->home_lba);
	h->array_crc = cpu_to_le32(lg_crc32(0, array, size));
	lg_gpt_header_seal(block);
}

static void make_backup(const struct lg_table *table, const u8 *primary, u8 *block)
{
	struct lg_gpt_header *h = (void *)block;

	memcpy(block, primary, table->lba_size);
	h->my_lba = cpu_to_le64(table->last_lba);
	h->alternate_lba = cpu_to_le64(LG_GPT_PRIMARY_LBA);
	h->array_lba = cpu_to_le64(table->last_lba - table->array_lbas);
	lg_gpt_header_seal(block);
}

/* Step 2's LBA 1: the new table, with its array at the disk's end meanwhile. */
static void make_switched(const struct lg_table *table, const u8 *primary, u8 *block)
{
	struct lg_gpt_header *h = (void *)block;

	memcpy(block, primary, table->lba_size);
	h->array_lba = cpu_to_le64(table->last_lba - table->array_lbas);
	lg_marker_write(block, table->lba_size, table->home_lba);
	lg_gpt_header_seal(block);
}

static void make_blocks(const struct lg_table *table, const struct lg_goal *goal,
			struct blocks *b)
{
	size_t array = (size_t)table->array_lbas * table->lba_size;

	make_array(table, goal, b->backup);
	make_primary(table, goal, b->backup, b->final);
	make_backup(table, b->final, b->backup + array);
	make_switched(table, b->final, b->switched);
}

/*
 * The header last, and by a write of its own: as long as it stands, a look after
 * a crash finds the array that it describes.
 */
static void add_stale(struct lg_plan *plan, const struct lg_stale *stale,
		      const struct blocks *b, const struct lg_image *image)
{
	if (stale->array_lba)
		add_step(plan, LIVEGROW_STEP_STALE, stale->array_lba, stale->array_lbas,
			 b->zeros, image);
	if (stale->header_lba)
		add_step(plan, LIVEGROW_STEP_STALE, stale->header_lba, 1, b->zeros, image);
}

/* Step 1 may itself overwrite the old header: then what it describes goes first. */
static void add_backup(struct lg_plan *plan, const struct lg_table *table,
		       const struct lg_stale *stale, const struct blocks *b,
		       const struct lg_image *image)
{
	bool header_goes = stale->array_lba && !stale->header_lba;

	if (header_goes)
		add_stale(plan, stale, b, image);
	add_step(plan, LIVEGROW_STEP_BACKUP, table->last_lba - table->array_lbas,
		 table->array_lbas + 1, b->backup, image);
	if (!header_goes)
		add_stale(plan, stale, b, image);
}

/* Steps 2 to 4. Without a changed array LBA 1 goes to its final form at once. */
static void add_switch(struct lg_plan *plan, const struct lg_table *table, bool changes,
		       const struct blocks *b, struct lg_image *image)
{
	if (changes) {
		add_step(plan, LIVEGROW_STEP_SWITCH, LG_GPT_PRIMARY_LBA, 1, b->switched, image);
		image->header = b->switched;
		image->array = b->backup;
		image->array_lba = table->last_lba - table->array_lbas;
		add_step(plan, LIVEGROW_STEP_HOME_ARRAY, table->home_lba, table->array_lbas,
			 b->backup, image);
		/* A tool that has written its own array here will switch LBA 1 next. */
		plan->steps[plan->nr_steps - 1].over = table->array;
	}
	/* Where a torn backup was all, LBA 1 stays: the tool that tore it may write that next. */
	if (!memcmp(image->header, b->final, table->lba_size))
		return;
	add_step(plan, changes ? LIVEGROW_STEP_HOME_HEADER : LIVEGROW_STEP_SWITCH,
		 LG_GPT_PRIMARY_LBA, 1, b->final, image);
	image->header = b->final;
	image->array_lba = table->home_lba;
}

static void add_mbr(struct lg_plan *plan, const struct lg_table *table,
		    const struct blocks *b, const struct lg_image *image)
{
	if (lg_mbr_covers(table->mbr, table->last_lba))
		return;
	memcpy(b->mbr, table->mbr, table->lba_size);
	lg_mbr_set_end(b->mbr, table->last_lba);
	add_step(plan, LIVEGROW_STEP_MBR, 0, 1, b->mbr, image);
}

static struct lg_image image_of(const struct lg_table *table)
{
	return (struct lg_image){
		.mbr = table->mbr, .header = table->header,
		.array = table->array, .array_lba = table->array_lba,
	};
}

void lg_plan_commit(const struct lg_table *table, const struct lg_goal *goal,
		    const struct lg_stale *stale, u8 *buffer, struct lg_plan *plan)
{
	struct lg_image image = image_of(table);
	struct blocks b;

	carve(table, buffer, &b);
	make_blocks(table, goal, &b);
	plan->nr_steps = 0;
	if (goal->relocate) {
		add_backup(plan, table, stale, &b, &image);
		add_switch(plan, table, goal->grow_to != 0, &b, &image);
	}
	add_mbr(plan, table, &b, &image);
}

void lg_plan_finish(const struct lg_table *table, u8 *buffer, struct lg_plan *plan)
{
	struct lg_image image = image_of(table);
	struct lg_gpt_header *h;
	struct blocks b;

	carve(table, buffer, &b);
	memcpy(b.final, table->header, table->lba_size);
	lg_marker_clear(b.final, table->lba_size);
	h = (void *)b.final;
	h->array_lba = cpu_to_le64(table->home_lba);
	lg_gpt_header_seal(b.final);

	plan->nr_steps = 0;
	add_step(plan, LIVEGROW_STEP_HOME_ARRAY, table->home_lba, table->array_lbas,
		 table->array, &image);
	add_step(plan, LIVEGROW_STEP_HOME_HEADER, LG_GPT_PRIMARY_LBA, 1, b.final, &image);
}

void lg_plan_withdrawn(const struct lg_table *table, const struct lg_goal *goal, u8 *buffer,
		       struct lg_plan *plan)
{
	static const struct lg_stale none;
	struct lg_image image = image_of(table);
	struct blocks b;

	if (goal->relocate) {
		lg_plan_commit(table, goal, &none, buffer, plan);
		return;
	}
	/* LBA 1 names an array that is gone, so its home may be written first. */
	carve(table, buffer, &b);
	make_blocks(table, goal, &b);
	plan->nr_steps = 0;
	if (goal->grow_to) {
		add_step(plan, LIVEGROW_STEP_HOME_ARRAY, table->home_lba, table->array_lbas,
			 b.backup, &image);
		image.array = b.backup;
	}
	add_step(plan, LIVEGROW_STEP_HOME_HEADER, LG_GPT_PRIMARY_LBA, 1, b.final, &image);
}
