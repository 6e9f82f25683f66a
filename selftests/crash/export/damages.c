// SPDX-License-Identifier: GPL-2.0-or-later
/* Each of the judge's rules is met from both sides: so a rule that is wrong shows. */
#include "damages.h"

#define MAX_PUTS 3

/* Bytes that are changed in a table that was right. */
struct put {
	u64 lba;
	u32 offset;
	u32 len;
	u64 value;
};

/* Which CRCs are made right again. */
enum seal { AS_IS, HEADER, TABLE };

struct damage {
	const char *name;
	struct spec spec;
	u64 end; /* LBAs of the disk; 0: the backup header is its last */
	enum seal seal;
	struct put puts[MAX_PUTS];
};

/* clang-format off */
#define PLAIN \
	{ .last_lba = 8191, .last_usable = 8158, \
	  .parts = { { 1, 2048, 4095, 0, 0 }, { 2, 4096, 8158, 0, 0 } } }
#define BLOCKS_4096 \
	{ .lba_size = 4096, .last_lba = 1023, .first_usable = 6, .last_usable = 1018, \
	  .parts = { { 1, 6, 255, 0, 0 }, { 2, 256, 1018, 0, 0 } } }
#define ARRAY_AT(lba) \
	{ .last_lba = 8299, .first_usable = 2048, .last_usable = 8158, \
	  .array_lba = (lba), .backup_array = 34, .parts = { { 1, 2048, 4095, 0, 0 } } }
#define ENTRIES(nr) \
	{ .last_lba = 24575, .first_usable = 8195, .last_usable = 16000, .nr_entries = (nr), \
	  .parts = { { 1, 8195, 9000, 0, 0 }, { 255, 9001, 9500, 0, 0 }, \
		     { 256, 9501, 10000, 0, 0 } } }
/* clang-format on */

#define MBR_RECORD(slot) (446 + 16 * (slot))
#define MBR_TYPE(slot) (MBR_RECORD(slot) + 4)
#define MBR_FIRST(slot) (MBR_RECORD(slot) + 8)
#define MBR_COUNT(slot) (MBR_RECORD(slot) + 12)
#define SECOND 128 /* the second entry, in the array's first block */

/* clang-format off */
static const struct damage damages[] = {
	{ .name = "no damage", .spec = PLAIN },
	{ .name = "no damage, blocks of 4096", .spec = BLOCKS_4096 },
	{ .name = "the disk is larger", .spec = PLAIN, .end = 16384 },
	{ .name = "the disk ends with the usable LBAs", .spec = PLAIN, .end = 8159 },
	{ .name = "the disk is 1 LBA smaller than that", .spec = PLAIN, .end = 8158 },

	{ .name = "MBR: no signature", .spec = PLAIN, .puts = { { 0, 510, 1, 0 } } },
	{ .name = "MBR: half a signature", .spec = PLAIN, .puts = { { 0, 511, 1, 0 } } },
	/* Of no LBAs either, or the kernel's next parser would find a partition. */
	{ .name = "MBR: no type", .spec = PLAIN,
	  .puts = { { 0, MBR_TYPE(0), 1, 0 }, { 0, MBR_COUNT(0), 4, 0 } } },
	{ .name = "MBR: protective from LBA 0", .spec = PLAIN,
	  .puts = { { 0, MBR_FIRST(0), 4, 0 } } },
	{ .name = "MBR: protective from LBA 2", .spec = PLAIN,
	  .puts = { { 0, MBR_FIRST(0), 4, 2 } } },
	{ .name = "MBR: protective of 1 LBA", .spec = PLAIN,
	  .puts = { { 0, MBR_COUNT(0), 4, 1 } } },
	{ .name = "MBR: protective in the last record", .spec = PLAIN,
	  .puts = { { 0, MBR_TYPE(0), 1, 0 }, { 0, MBR_TYPE(3), 1, 0xee },
		    { 0, MBR_FIRST(3), 4, 1 } } },
	{ .name = "MBR: hybrid", .spec = PLAIN,
	  .puts = { { 0, MBR_TYPE(1), 1, 0x83 }, { 0, MBR_FIRST(1), 4, 2048 },
		    { 0, MBR_COUNT(1), 4, 2048 } } },

	{ .name = "header: signature", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_SIGNATURE + 7, 1, 's' } } },
	{ .name = "header: CRC", .spec = PLAIN, .puts = { { 1, H_CRC, 4, 0 } } },
	{ .name = "header: revision", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_REVISION, 4, 0x20000 } } },
	{ .name = "header: reserved bytes", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, 20, 4, 1 } } },
	{ .name = "header: 91 bytes", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_SIZE, 4, 91 } } },
	{ .name = "header: 512 bytes", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_SIZE, 4, 512 } } },
	{ .name = "header: 513 bytes", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_SIZE, 4, 513 } } },
	{ .name = "header: 4096 bytes", .spec = BLOCKS_4096, .seal = HEADER,
	  .puts = { { 1, H_SIZE, 4, 4096 } } },
	{ .name = "header: 4097 bytes", .spec = BLOCKS_4096, .seal = HEADER,
	  .puts = { { 1, H_SIZE, 4, 4097 } } },
	{ .name = "header: LBA of its own", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_MY_LBA, 8, 8191 } } },
	{ .name = "header: alternate LBA behind the disk", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_ALTERNATE, 8, 8192 } } },
	{ .name = "header: last usable LBA is the disk's", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_LAST_USABLE, 8, 8191 } } },
	{ .name = "header: last usable LBA behind the disk", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_LAST_USABLE, 8, 8192 } } },
	{ .name = "header: one usable LBA", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_FIRST_USABLE, 8, 8158 } } },
	{ .name = "header: no usable LBA", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_FIRST_USABLE, 8, 8159 } } },
	{ .name = "header: entries of 256 bytes", .spec = PLAIN, .seal = HEADER,
	  .puts = { { 1, H_ENTRY_SIZE, 4, 256 } } },
	{ .name = "backup header: CRC", .spec = PLAIN, .puts = { { 8191, H_CRC, 4, 0 } } },

	{ .name = "array: CRC", .spec = PLAIN, .puts = { { 33, 511, 1, 1 } } },
	{ .name = "array: no entries", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 1, H_NR_ENTRIES, 4, 0 } } },
	{ .name = "array: 256 entries", .spec = ENTRIES(256) },
	{ .name = "array: 4 MiB", .spec = ENTRIES(32768) },
	{ .name = "array: 4 MiB and an entry", .spec = ENTRIES(32769) },
	{ .name = "array: ends with the disk", .spec = ARRAY_AT(8160), .end = 8192 },
	{ .name = "array: ends behind the disk", .spec = ARRAY_AT(8161), .end = 8192 },
	{ .name = "array: behind the disk", .spec = ARRAY_AT(8200), .end = 8192 },

	{ .name = "entry: no type", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_TYPE, 8, 0 }, { 2, SECOND + E_TYPE + 8, 8, 0 } } },
	{ .name = "entry: half a type", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_TYPE, 8, 0 } } },
	{ .name = "entry: ends with the disk", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_LAST, 8, 8191 } } },
	{ .name = "entry: ends behind the disk", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_LAST, 8, 8192 } } },
	{ .name = "entry: begins behind the disk", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_FIRST, 8, 8192 } } },
	{ .name = "entry: one LBA", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_LAST, 8, 4096 } } },
	{ .name = "entry: no LBA", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_LAST, 8, 4095 } } },
	{ .name = "entry: ends long before it begins", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_LAST, 8, 4000 } } },
	{ .name = "entry: begins at LBA 0", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, E_FIRST, 8, 0 } } },
	{ .name = "entry: inside another's", .spec = PLAIN, .seal = TABLE,
	  .puts = { { 2, SECOND + E_FIRST, 8, 3000 } } },
};
/* clang-format on */

static void hurt(struct disk *disk, const struct damage *damage)
{
	for (const struct put *put = damage->puts; put < damage->puts + MAX_PUTS; put++)
		put_le(disk_at(disk, put->lba) + put->offset, put->len, put->value);
	if (damage->seal == HEADER)
		fixture_seal_header(disk_at(disk, 1));
	else if (damage->seal == TABLE)
		fixture_seal(disk);
}

static void export_damage(const struct shelf *shelf, const struct damage *damage)
{
	u64 last = damage->spec.last_lba;
	struct disk disk;

	fixture_new(&disk, &damage->spec, last > damage->end ? last : damage->end);
	hurt(&disk, damage);
	last = disk.last_lba;
	disk.last_lba = damage->end ? damage->end - 1 : damage->spec.last_lba;
	shelf_name("%s", damage->name);
	shelf_disk(shelf, &disk);
	shelf_done();
	disk.last_lba = last;
	disk_free(&disk);
}

void export_damages(struct shelf *shelf)
{
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		if (shelf_wants(shelf))
			export_damage(shelf, &damages[i]);
}
