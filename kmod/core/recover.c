// SPDX-License-Identifier: GPL-2.0-only
/* A dead primary, brought back from its backup: recover.h has the rules. */
#include <livegrow/marker.h>
#include <livegrow/mbr.h>
#include <livegrow/recover.h>

static const struct lg_gpt_header *header_of(const u8 *block)
{
	return (const void *)block;
}

/* What a header with a wrong CRC says is worth following up, never trusting. */
static bool is_header(const u8 *block)
{
	return le64_to_cpu(header_of(block)->signature) == LG_GPT_SIGNATURE;
}

static u32 add_place(const struct lg_table *table, u64 lba, u64 *places, u32 nr)
{
	u32 i;

	if (lba <= LG_GPT_PRIMARY_LBA || lba > table->last_lba)
		return nr;
	for (i = 0; i < nr; i++)
		if (places[i] == lba)
			return nr;
	places[nr] = lba;
	return nr + 1;
}

u32 lg_recover_places(const struct lg_table *table, const u8 *dead, u64 heard_last,
		      u64 places[LG_MAX_PLACES])
{
	u32 nr = 0;

	if (is_header(dead))
		nr = add_place(table, le64_to_cpu(header_of(dead)->alternate_lba), places, nr);
	nr = add_place(table, heard_last, places, nr);
	nr = add_place(table, lg_mbr_end(table->mbr), places, nr);
	return add_place(table, table->last_lba, places, nr);
}

bool lg_recover_is_named(const u8 *dead, u64 lba)
{
	return is_header(dead) && le64_to_cpu(header_of(dead)->alternate_lba) == lba;
}

static void set_array_lba(u8 *made, u64 lba)
{
	((struct lg_gpt_header *)made)->array_lba = cpu_to_le64(lba);
	lg_gpt_header_seal(made);
}

/* The home of the array by the dead LBA 1, or 0: of two answers the marker's. */
static u64 named_home(const struct lg_table *table, const u8 *dead)
{
	u64 marked = lg_marker_read(dead, table->lba_size);
	u64 named = le64_to_cpu(header_of(dead)->array_lba);

	if (lg_table_is_home(table, marked))
		return marked;
	return is_header(dead) && lg_table_is_home(table, named) ? named : 0;
}

enum livegrow_reason lg_recover_header(struct lg_table *table, const u8 *dead,
				       const u8 *backup, u64 lba, u8 *made)
{
	struct lg_gpt_header *h = (void *)made;
	enum livegrow_reason reason;
	u64 home;

	if (!lg_gpt_header_valid(backup, table->lba_size, lba) ||
	    le64_to_cpu(header_of(backup)->alternate_lba) != LG_GPT_PRIMARY_LBA)
		return LIVEGROW_REASON_BOTH_DAMAGED;
	memcpy(made, backup, table->lba_size);
	h->my_lba = cpu_to_le64(LG_GPT_PRIMARY_LBA);
	h->alternate_lba = cpu_to_le64(lba);
	set_array_lba(made, LG_GPT_PRIMARY_LBA + 1);
	reason = lg_table_read_header(table, made);
	if (reason)
		return reason;
	home = named_home(table, dead);
	if (!home)
		return LIVEGROW_REASON_NONE;
	set_array_lba(made, home);
	return lg_table_read_header(table, made);
}

u64 lg_recover_array_lba(const struct lg_table *table, const u8 *backup)
{
	u64 lba = le64_to_cpu(header_of(backup)->array_lba);

	if (lba < table->first_usable || lba > table->last_lba ||
	    table->array_lbas > table->last_lba - lba + 1)
		return 0;
	return lba;
}

/* A later end that is named, yet no farther away than the disk's own. */
static bool is_later(const struct lg_table *table, u64 lba)
{
	return lba > table->alternate && lba <= table->last_lba;
}

bool lg_recover_is_stale(const struct lg_table *table, const u8 *dead)
{
	const struct lg_gpt_header *h = header_of(dead);

	/* Some tools count one block too many there. */
	if (is_later(table, lg_mbr_end(table->mbr) - 1))
		return true;
	return is_header(dead) && (is_later(table, le64_to_cpu(h->alternate_lba)) ||
				   is_later(table, le64_to_cpu(h->last_usable_lba)));
}

void lg_plan_recover(const struct lg_table *table, const u8 *dead, const u8 *backup,
		     const u8 *over, struct lg_plan *plan)
{
	struct lg_step array = {
		.id = LIVEGROW_STEP_RECOVER_ARRAY,
		.lba = table->home_lba, .count = table->array_lbas,
		.data = table->array, .over = over,
		.before = {
			.mbr = table->mbr, .header = dead, .array = table->array,
			.array_lba = lg_recover_array_lba(table, backup),
		},
	};
	struct lg_step header = {
		.id = LIVEGROW_STEP_RECOVER_HEADER,
		.lba = LG_GPT_PRIMARY_LBA, .count = 1,
		.data = table->header, .over = NULL, .before = array.before,
	};

	plan->steps[0] = array;
	plan->steps[1] = header;
	plan->nr_steps = 2;
}
