// SPDX-License-Identifier: GPL-2.0-only
/* Keep replaced tables in memory. */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <livegrow/table.h>

#include "keep.h"
#include "table.h"

#define HEAD_LBAS	3	/* of struct lg_table_blocks */

/* keep.h documents its place in the lock order. */
DEFINE_MUTEX(lg_keep_lock);

/* Under lg_keep_lock */
static u32 last_id;

void lg_keep_init(struct lg_keep *keep)
{
	*keep = (struct lg_keep){ .tables = LIST_HEAD_INIT(keep->tables) };
}

static void drop(struct lg_keep *keep, struct lg_kept *kept)
{
	list_del(&kept->node);
	keep->nr--;
	kvfree(kept);
}

void lg_keep_free(struct lg_keep *keep)
{
	struct lg_kept *kept, *next;

	list_for_each_entry_safe(kept, next, &keep->tables, node)
		drop(keep, kept);
}

/*
 * The block at the alternate LBA does not count: a commit that failed may have zeroed
 * it, but the next one replaces the same table.
 */
static u32 crc_of(const struct lg_table *table, const struct lg_table_blocks *blocks)
{
	u32 crc = lg_crc32(0, blocks->head, 2 * table->lba_size);

	return lg_crc32(crc, blocks->array, (size_t)table->array_lbas * table->lba_size);
}

static struct lg_kept *copy(const struct lg_table *table, const struct lg_table_blocks *blocks)
{
	size_t head = HEAD_LBAS * table->lba_size;
	size_t array = (size_t)table->array_lbas * table->lba_size;
	struct lg_kept *kept;

	kept = kvmalloc(struct_size(kept, data, head + array), GFP_KERNEL);
	if (!kept)
		return NULL;
	kept->time_ns = ktime_get_real_ns();
	kept->capacity = (table->alternate + 1) * table->lba_size;
	kept->lba_size = table->lba_size;
	kept->size = head + array;
	memcpy(kept->data, blocks->head, head);
	memcpy(kept->data + head, blocks->array, array);
	return kept;
}

int lg_keep_table(struct lg_keep *keep, const struct lg_table *table,
		  const struct lg_table_blocks *blocks)
{
	u32 crc = crc_of(table, blocks);
	struct lg_kept *kept;

	/* Only the disk's work changes the CRC, and the work never runs twice at a time. */
	if (crc == keep->newest_crc)
		return 0;
	kept = copy(table, blocks);
	if (!kept)
		return -ENOMEM;
	mutex_lock(&lg_keep_lock);
	kept->id = ++last_id;
	list_add_tail(&kept->node, &keep->tables);
	keep->nr++;
	if (keep->nr > LG_KEEP_MAX)
		drop(keep, list_first_entry(&keep->tables, struct lg_kept, node));
	keep->newest_crc = crc;
	mutex_unlock(&lg_keep_lock);
	return 0;
}

static struct lg_kept *find_from(const struct lg_keep *keep, u32 id)
{
	struct lg_kept *kept;

	lockdep_assert_held(&lg_keep_lock);
	list_for_each_entry(kept, &keep->tables, node)
		if (kept->id >= id)
			return kept;
	return NULL;
}

const struct lg_kept *lg_keep_from(const struct lg_keep *keep, u32 id)
{
	return find_from(keep, id);
}

static void take_error(struct lg_keep *keep, u32 id, u32 error)
{
	keep->error = error;
	keep->error_id = max(keep->error_id, id);
}

static void take_stored(struct lg_keep *keep, struct lg_kept *kept)
{
	if (kept->id >= keep->error_id) {
		keep->error = 0;
		keep->error_id = 0;
	}
	drop(keep, kept);
}

int lg_keep_taken(struct lg_keep *keep, u32 id, u32 error)
{
	struct lg_kept *kept;
	int err = 0;

	mutex_lock(&lg_keep_lock);
	kept = find_from(keep, id);
	if (!kept || kept->id != id)
		err = -ENOENT;
	else if (error)
		take_error(keep, id, error);
	else
		take_stored(keep, kept);
	mutex_unlock(&lg_keep_lock);
	return err;
}
