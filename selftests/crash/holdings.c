// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Content and use of the last partition decide whether it grows. The test tries each
 * combination on a disk that grew while the guest was up. Each layout has its
 * own few combinations for the states that a power cut leaves of a grow: then the content
 * is another after the boot than before.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "holdings.h"
#include "report.h"

#define TOLD 3
#define ONE_IN 8 /* of the combinations */

enum property {
	UP, /* the guest is up */
	CUT, /* it boots after a power cut */
	NR_PROPERTIES
};

static const char *const names[NR_PROPERTIES] = {
	[UP] = "grown only if content and use permit it",
	[CUT] = "cut, then grown only if content and use permit it",
};

/* clang-format off */
#define ASKED LIVEGROW_FLAG_ASKED
#define KNOWN LIVEGROW_FLAG_CONTENT
#define IDLE false
#define HELD true
#define ANSWERED(c, m, held, a) { .content = LG_CONTENT_##c, .mount = LG_MOUNT_##m, \
				  .is_held = (held), .answer = LIVEGROW_REASON_##a }
#define HOLDS(c, m, held) { .content = LG_CONTENT_##c, .mount = LG_MOUNT_##m, .is_held = (held) }

/* The expected answers, written down by hand. */
static const struct row {
	struct lg_holding holding;
	u32 flags;
	bool grows;
} rows[] = {
	{ HOLDS(FILESYSTEM, WRITABLE, HELD), 0, true },
	{ HOLDS(OTHER, WRITABLE, HELD), 0, true },
	{ HOLDS(OTHER, READ_ONLY, HELD), 0, false },
	{ HOLDS(OTHER, READ_ONLY, HELD), KNOWN, false },
	{ HOLDS(OTHER, READ_ONLY, HELD), ASKED, true },
	{ HOLDS(OTHER, UNSEEN, HELD), KNOWN, true },
	{ HOLDS(OTHER, UNSEEN, IDLE), KNOWN, true },
	{ HOLDS(OTHER, UNSEEN, IDLE), ASKED, true },
	{ HOLDS(SWAP, UNSEEN, HELD), 0, false },
	{ HOLDS(SWAP, UNSEEN, IDLE), KNOWN, false },
	{ HOLDS(SWAP, UNSEEN, HELD), ASKED, false },
	/* A signature that an earlier use left under a filesystem. */
	{ HOLDS(SWAP, WRITABLE, HELD), 0, true },
	{ HOLDS(IMAGE, READ_ONLY, HELD), 0, false },
	{ HOLDS(IMAGE, READ_ONLY, HELD), ASKED, false },
	{ HOLDS(IMAGE, UNSEEN, IDLE), KNOWN, false },
	{ HOLDS(IMAGE, WRITABLE, HELD), 0, true },
	{ HOLDS(CONFIG, WRITABLE, HELD), 0, false },
	{ HOLDS(CONFIG, READ_ONLY, HELD), 0, false },
	{ HOLDS(CONFIG, UNSEEN, IDLE), ASKED, false },
	{ HOLDS(FIXED, WRITABLE, HELD), 0, false },
	{ HOLDS(FIXED, WRITABLE, HELD), ASKED, false },
	{ HOLDS(JOURNAL, UNSEEN, HELD), KNOWN, false },
	{ HOLDS(LUKS, UNSEEN, IDLE), 0, false },
	{ HOLDS(LUKS, UNSEEN, IDLE), KNOWN, false },
	{ HOLDS(LUKS, UNSEEN, IDLE), ASKED, true },
	{ HOLDS(LUKS, UNSEEN, HELD), KNOWN, true },
	{ HOLDS(LUKS, READ_ONLY, HELD), 0, false },
	{ HOLDS(LUKS, WRITABLE, HELD), 0, true },
	{ HOLDS(LVM, UNSEEN, IDLE), KNOWN, true },
	/* growctl is asked, has answered, or did not in time. */
	{ ANSWERED(OTHER, UNSEEN, HELD, CONTENT_AWAITED), 0, false },
	{ ANSWERED(OTHER, WRITABLE, HELD, CONTENT_AWAITED), 0, false },
	{ ANSWERED(OTHER, WRITABLE, HELD, PART_UNKNOWN), 0, false },
	{ ANSWERED(FILESYSTEM, UNSEEN, HELD, CONTENT_AWAITED), 0, false },
	{ ANSWERED(FILESYSTEM, UNSEEN, HELD, MOUNTED_READ_ONLY), 0, false },
	{ ANSWERED(FILESYSTEM, WRITABLE, HELD, MOUNTED_READ_ONLY), 0, true },
	{ ANSWERED(OTHER, UNSEEN, HELD, PART_UNKNOWN), 0, false },
	{ ANSWERED(OTHER, UNSEEN, HELD, PART_UNKNOWN), ASKED, true },
	{ ANSWERED(LUKS, UNSEEN, HELD, CONTENT_AWAITED), 0, false },
	{ ANSWERED(LUKS, UNSEEN, HELD, MOUNTED_READ_ONLY), 0, false },
	{ ANSWERED(LVM, UNSEEN, HELD, CONTENT_AWAITED), 0, false },
	{ ANSWERED(MD, UNSEEN, HELD, CONTENT_AWAITED), 0, false },
	{ HOLDS(OTHER, UNSEEN, HELD), 0, false },
	{ HOLDS(FILESYSTEM, UNSEEN, HELD), 0, true },
	{ HOLDS(FILESYSTEM, UNSEEN, IDLE), 0, false },
	{ HOLDS(BTRFS, UNSEEN, HELD), 0, true },
	{ HOLDS(BTRFS, UNSEEN, IDLE), 0, false },
	{ HOLDS(LUKS, UNSEEN, HELD), 0, true },
	{ HOLDS(LVM, UNSEEN, HELD), 0, true },
	{ HOLDS(LVM, UNSEEN, IDLE), 0, false },
	{ HOLDS(MD, UNSEEN, HELD), 0, true },
	{ HOLDS(MD, UNSEEN, IDLE), 0, false },
};
/* clang-format on */

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

struct trial {
	struct subject *subject;
	struct kernel kernel;
	struct ram work;
	u64 states;
	u64 bad[NR_PROPERTIES];
};

static void boot(struct trial *t, const struct row *row)
{
	subject_boot(t->subject, &t->work, &t->kernel);
	t->kernel.holding = row->holding;
	t->kernel.flags |= row->flags;
}

/* Runs to the end, and compares the partitions with those of before or after a grow. */
static void run(struct trial *t, const struct row *row, bool grows, enum property property)
{
	const struct subject *subject = t->subject;
	static struct found found;
	struct outcome outcome;

	reconcile(&t->work, &t->kernel, NULL, &outcome);
	judge(&t->work.disk, &found);
	t->states++;
	if (outcome.ending != ENDED_ASTRAY && !outcome.unlawful &&
	    found_same(&found, grows ? &subject->after : &subject->before))
		return;
	if (++t->bad[property] <= TOLD)
		report_note("%s: %s: content %d, mount %d, held %d, flags %u",
			    subject->layout->name, names[property], row->holding.content,
			    row->holding.mount, row->holding.is_held, row->flags);
}

static void try_up(struct trial *t, const struct row *row)
{
	ram_reset(&t->work);
	t->work.disk.last_lba = t->subject->layout->spec.last_lba;
	boot(t, row);
	t->work.disk.last_lba = t->subject->layout->last_lba;
	run(t, row, row->grows, UP);
}

/* A grow that has passed its commit point is finished, whatever the partition holds now. */
static void try_cut(struct trial *t, const struct row *row, const struct cut *cut)
{
	static struct found found;

	ram_reset(&t->work);
	t->work.disk.last_lba = t->subject->layout->last_lba;
	cut_apply(&t->work, cut);
	judge(&t->work.disk, &found);
	boot(t, row);
	run(t, row, row->grows || found_same(&found, &t->subject->after), CUT);
}

static void try_cuts(struct trial *t, const struct row *row)
{
	struct cut cut = { .trace = &t->subject->trace };
	struct cuts cuts;

	for (; cut.write < cut.trace->nr; cut.write++) {
		cuts_begin(&cuts, cut.trace->writes[cut.write].count, 0);
		cut.written = cuts.written;
		while (cuts_next(&cuts))
			try_cut(t, row, &cut);
	}
}

u32 holdings_results(const struct layout *layout)
{
	(void)layout;
	return NR_PROPERTIES;
}

void holdings(struct subject *subject, struct counts *counts)
{
	static struct trial t;

	t = (struct trial){ .subject = subject };
	ram_new(&t.work, &subject->base);
	for (u32 i = 0; i < NR_ROWS; i++) {
		try_up(&t, &rows[i]);
		if ((i + (u32)(subject->layout - layouts)) % ONE_IN == 0)
			try_cuts(&t, &rows[i]);
	}
	for (int i = 0; i < NR_PROPERTIES; i++) {
		report_result(!t.bad[i], subject->layout->name, names[i]);
		counts->bad += t.bad[i];
	}
	counts->states += t.states;
	ram_free(&t.work);
}
