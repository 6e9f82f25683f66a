// SPDX-License-Identifier: GPL-2.0-or-later
/* From blocks to a table: what is legal, and why the rest is refused. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

/* 8 MiB: the array at 2 to 33, the backup's at 16351 to 16382. */
static const struct spec base = {
	.last_lba = 16383,
	.last_usable = 16350,
	.parts = { { 1, 34, 2047, TYPE_BIOS, 0 }, { 2, 2048, 16350, NULL, 0 } },
};

static enum livegrow_reason reason_of(const struct disk *disk)
{
	struct loaded loaded;
	enum livegrow_reason reason = fixture_load(disk, &loaded);

	loaded_free(&loaded);
	return reason;
}

static const struct {
	const char *name;
	struct spec spec;
	u32 array_lbas;
	u32 last_part;
	/* clang-format off */
} legal[] = {
	{ "128 entries", { .last_lba = 16383, .last_usable = 16350,
	  .parts = { { 1, 2048, 16350, 0, 0 } } }, 32, 1 },
	{ "256 entries", { .last_lba = 16383, .last_usable = 16318, .nr_entries = 256,
	  .first_usable = 66, .parts = { { 256, 66, 16318, 0, 0 } } }, 64, 256 },
	{ "64 entries, the array at LBA 16", { .last_lba = 16383, .last_usable = 16366,
	  .nr_entries = 64, .array_lba = 16, .first_usable = 2048,
	  .parts = { { 64, 2048, 16366, 0, 0 } } }, 16, 64 },
	{ "4 entries", { .last_lba = 16383, .last_usable = 16381, .nr_entries = 4,
	  .first_usable = 3, .parts = { { 4, 3, 16381, 0, 0 } } }, 1, 4 },
	{ "5 entries, the last block not full", { .last_lba = 16383, .last_usable = 16380,
	  .nr_entries = 5, .first_usable = 4, .noise = true,
	  .parts = { { 5, 4, 16380, 0, 0 } } }, 2, 5 },
	{ "entries of 256 bytes", { .last_lba = 16383, .last_usable = 16318,
	  .entry_size = 256, .first_usable = 66, .noise = true,
	  .parts = { { 128, 2048, 16318, 0, 0 } } }, 64, 128 },
	{ "entries of 512 bytes", { .last_lba = 16383, .last_usable = 16254,
	  .entry_size = 512, .first_usable = 130, .noise = true,
	  .parts = { { 128, 2048, 16254, 0, 0 } } }, 128, 128 },
	{ "entries of 1024 bytes, two blocks each", { .last_lba = 16383,
	  .last_usable = 16126, .entry_size = 1024, .first_usable = 258, .noise = true,
	  .parts = { { 128, 2048, 16126, 0, 0 } } }, 256, 128 },
	{ "a first partition at LBA 34, the array's end and its start touch",
	  { .last_lba = 16383, .last_usable = 16350,
	    .parts = { { 1, 34, 2047, 0, 0 }, { 2, 2048, 16350, 0, 0 } } }, 32, 2 },
	{ "blocks of 4096", { .lba_size = 4096, .last_lba = 2047, .first_usable = 6,
	  .last_usable = 2042, .parts = { { 3, 6, 2042, 0, 0 } } }, 4, 3 },
	{ "blocks of 4096 with 4 entries", { .lba_size = 4096, .last_lba = 2047,
	  .first_usable = 3, .last_usable = 2045, .nr_entries = 4, .noise = true,
	  .parts = { { 2, 256, 2045, 0, 0 } } }, 1, 2 },
	{ "blocks of 4096 with entries of 4096", { .lba_size = 4096, .last_lba = 2047,
	  .first_usable = 130, .last_usable = 1918, .entry_size = 4096,
	  .parts = { { 128, 256, 1918, 0, 0 } } }, 128, 128 },
	{ "a backup array right behind the last usable LBA, a gap behind it",
	  { .last_lba = 16383, .last_usable = 12000, .backup_array = 12001,
	    .parts = { { 1, 2048, 12000, 0, 0 } } }, 32, 1 },
	{ "partition 1 last by offset", { .last_lba = 16383, .last_usable = 16350,
	  .parts = { { 1, 8192, 16350, 0, 0 }, { 2, 2048, 8191, 0, 0 } } }, 32, 1 },
	{ "a header of 512 bytes", { .last_lba = 16383, .last_usable = 16350,
	  .header_size = 512, .parts = { { 1, 2048, 2048, 0, 0 } } }, 32, 1 },
	{ "a backup header in front of the disk's end", { .last_lba = 9999,
	  .last_usable = 9966, .parts = { { 1, 2048, 9966, 0, 0 } } }, 32, 1 },
};
/* clang-format on */

static void test_legal(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(legal); i++) {
		const struct spec *spec = &legal[i].spec;
		struct loaded l;
		struct disk disk;

		fixture_new(&disk, spec, spec->lba_size ? 2047 : 16383);
		CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
		CHECK_EQ(l.table.array_lbas, legal[i].array_lbas);
		CHECK_EQ(l.table.array_lba, spec->array_lba ?: 2);
		CHECK_EQ(l.table.home_lba, spec->array_lba ?: 2);
		CHECK_EQ(l.table.unfinished, false);
		CHECK_EQ(l.table.last_usable, spec->last_usable);
		CHECK_EQ(l.table.alternate, spec->last_lba);
		CHECK_EQ(l.table.nr_parts, spec->parts[1].number ? 2 : 1);
		CHECK(lg_table_last_part(&l.table)->number == legal[i].last_part);
		CHECK(lg_table_last_part(&l.table)->last == spec->last_usable || spec->header_size);
		ktap_result("legal", legal[i].name);
		loaded_free(&l);
		disk_free(&disk);
	}
}

#define NONE LIVEGROW_REASON_NONE
#define DAMAGED LIVEGROW_REASON_PRIMARY_DAMAGED
#define UNSUPPORTED LIVEGROW_REASON_UNSUPPORTED
#define PLACE LIVEGROW_REASON_ARRAY_PLACE
#define SHRUNK LIVEGROW_REASON_SHRUNK

static const struct {
	const char *name;
	u32 at;
	u32 bytes;
	u64 value;
	enum livegrow_reason reason;
	/* clang-format off */
} fields[] = {
	{ "an unknown revision is taken", H_REVISION, 4, 0x10001, NONE },
	{ "no signature", H_SIGNATURE, 8, 0, DAMAGED },
	{ "a header that says it lies elsewhere", H_MY_LBA, 8, 2, DAMAGED },
	{ "a header of 512 bytes is taken", H_SIZE, 4, 512, NONE },
	{ "alternate one past the disk", H_ALTERNATE, 8, 16384, SHRUNK },
	{ "alternate 2^64 - 1", H_ALTERNATE, 8, UINT64_MAX, SHRUNK },
	{ "alternate 2^64 - 16", H_ALTERNATE, 8, 0xfffffffffffffff0, SHRUNK },
	{ "alternate the last usable LBA", H_ALTERNATE, 8, 16350, UNSUPPORTED },
	{ "alternate right behind the last usable LBA", H_ALTERNATE, 8, 16351, NONE },
	{ "alternate 1", H_ALTERNATE, 8, 1, UNSUPPORTED },
	{ "alternate 0", H_ALTERNATE, 8, 0, UNSUPPORTED },
	{ "last usable one past the disk", H_LAST_USABLE, 8, 16384, SHRUNK },
	{ "last usable 2^64 - 1", H_LAST_USABLE, 8, UINT64_MAX, SHRUNK },
	{ "last usable the alternate", H_LAST_USABLE, 8, 16383, UNSUPPORTED },
	{ "last usable in front of the first", H_LAST_USABLE, 8, 33, UNSUPPORTED },
	{ "last usable 0", H_LAST_USABLE, 8, 0, UNSUPPORTED },
	{ "first usable behind the last", H_FIRST_USABLE, 8, 16351, UNSUPPORTED },
	{ "first usable 2^64 - 1", H_FIRST_USABLE, 8, UINT64_MAX, UNSUPPORTED },
	{ "first usable inside the array", H_FIRST_USABLE, 8, 33, PLACE },
	{ "first usable 2", H_FIRST_USABLE, 8, 2, PLACE },
	{ "first usable 0", H_FIRST_USABLE, 8, 0, PLACE },
	{ "array at 0", H_ARRAY_LBA, 8, 0, PLACE },
	{ "array over LBA 1", H_ARRAY_LBA, 8, 1, PLACE },
	{ "array over the first usable LBA", H_ARRAY_LBA, 8, 3, PLACE },
	{ "array at the first usable LBA", H_ARRAY_LBA, 8, 34, PLACE },
	{ "array among the partitions", H_ARRAY_LBA, 8, 5000, PLACE },
	{ "array behind the last usable LBA, without a marker", H_ARRAY_LBA, 8, 16351, PLACE },
	{ "array past the disk", H_ARRAY_LBA, 8, 16384, PLACE },
	{ "array at 2^64 - 1", H_ARRAY_LBA, 8, UINT64_MAX, PLACE },
	{ "array at 2^64 - 32, whose end wraps to 0", H_ARRAY_LBA, 8, 0xffffffffffffffe0,
	  PLACE },
	{ "array at 2^64 - 30, whose end wraps to 2", H_ARRAY_LBA, 8, 0xffffffffffffffe2,
	  PLACE },
	{ "no entries", H_NR_ENTRIES, 4, 0, UNSUPPORTED },
	{ "129 entries, one block more than there is room", H_NR_ENTRIES, 4, 129, PLACE },
	{ "an array of 4 MiB has no room here", H_NR_ENTRIES, 4, 32768, PLACE },
	{ "an array of 4 MiB and an entry", H_NR_ENTRIES, 4, 32769, UNSUPPORTED },
	{ "an array of 2^32 bytes", H_NR_ENTRIES, 4, 0x2000000, UNSUPPORTED },
	{ "an array of 2^32 + 128 bytes", H_NR_ENTRIES, 4, 0x2000001, UNSUPPORTED },
	{ "2^32 - 1 entries", H_NR_ENTRIES, 4, 0xffffffff, UNSUPPORTED },
	{ "entries of 0 bytes", H_ENTRY_SIZE, 4, 0, UNSUPPORTED },
	{ "entries of 64 bytes", H_ENTRY_SIZE, 4, 64, UNSUPPORTED },
	{ "entries of 127 bytes", H_ENTRY_SIZE, 4, 127, UNSUPPORTED },
	{ "entries of 129 bytes", H_ENTRY_SIZE, 4, 129, UNSUPPORTED },
	{ "entries of 384 bytes", H_ENTRY_SIZE, 4, 384, UNSUPPORTED },
	{ "entries of 256 bytes, for which there is no room", H_ENTRY_SIZE, 4, 256, PLACE },
	{ "entries of 2^31 bytes", H_ENTRY_SIZE, 4, 0x80000000, UNSUPPORTED },
	{ "entries of 2^32 - 128 bytes", H_ENTRY_SIZE, 4, 0xffffff80, UNSUPPORTED },
	{ "another array's CRC", H_ARRAY_CRC, 4, 0x12345678, DAMAGED },
};
/* clang-format on */

static void test_fields(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		struct disk disk;

		fixture_new(&disk, &base, 16383);
		put_le(disk_at(&disk, 1) + fields[i].at, fields[i].bytes, fields[i].value);
		fixture_seal_header(disk_at(&disk, 1));
		CHECK_EQ(reason_of(&disk), fields[i].reason);
		ktap_result("a header with", fields[i].name);
		disk_free(&disk);
	}
}

static void test_sizes(void)
{
	static const u32 wrong[] = { 0, 91, 513, 0xffffffff };
	struct disk disk;

	fixture_new(&disk, &base, 16383);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		put_le(disk_at(&disk, 1) + H_SIZE, 4, wrong[i]);
		CHECK_EQ(reason_of(&disk), LIVEGROW_REASON_PRIMARY_DAMAGED);
	}
	ktap_result("a header of an impossible size is damaged", NULL);
	disk_free(&disk);
}

static void test_shrunk(void)
{
	struct disk disk;

	disk_new(&disk, 512, 16383);
	fixture_write(&disk, &base);
	disk.last_lba = 16382;
	CHECK_EQ(reason_of(&disk), LIVEGROW_REASON_SHRUNK);
	disk.last_lba = 4095;
	CHECK_EQ(reason_of(&disk), LIVEGROW_REASON_SHRUNK);
	disk.last_lba = 16383;
	CHECK_EQ(reason_of(&disk), LIVEGROW_REASON_NONE);
	ktap_result("a disk that lost its last LBA, or more, has shrunk", NULL);
	disk_free(&disk);
}

static const struct {
	const char *name;
	u64 array_lba;
	u64 home;
	u8 guid_flip;
	enum livegrow_reason reason;
	/* clang-format off */
} marked[] = {
	{ "names the array's home", 16351, 2, 0, NONE },
	{ "names LBA 0", 16351, 0, 0, PLACE },
	{ "names LBA 1", 16351, 1, 0, PLACE },
	{ "names a home that reaches into the usable LBAs", 16351, 3, 0, PLACE },
	{ "names the first usable LBA", 16351, 34, 0, PLACE },
	{ "names an LBA past the disk", 16351, 16384, 0, PLACE },
	{ "names 2^64 - 1", 16351, UINT64_MAX, 0, PLACE },
	{ "names 2^64 - 32, whose end wraps to 0", 16351, 0xffffffffffffffe0, 0, PLACE },
	{ "names 2^64 - 30, whose end wraps to 2", 16351, 0xffffffffffffffe2, 0, PLACE },
	{ "is of another disk", 16351, 2, 1, PLACE },
	{ "stands by an array one LBA too high", 16352, 2, 0, DAMAGED },
	{ "stands by an array one LBA too low", 16350, 2, 0, DAMAGED },
	{ "stands by an array among the partitions", 5000, 2, 0, DAMAGED },
	{ "stands by an array past the disk", 16384, 2, 0, PLACE },
	{ "stands by an array at 2^64 - 1", UINT64_MAX, 2, 0, PLACE },
	{ "stands by an array at 0", 0, 2, 0, PLACE },
};
/* clang-format on */

static void test_marked(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(marked); i++) {
		struct loaded l;
		struct disk disk;
		u8 *header;

		fixture_new(&disk, &base, 16383);
		header = disk_at(&disk, 1);
		fixture_marker(header, 512, marked[i].home);
		put_le(header + H_ARRAY_LBA, 8, marked[i].array_lba);
		header[H_GUID] ^= marked[i].guid_flip;
		fixture_seal_header(header);
		CHECK_EQ(fixture_load(&disk, &l), marked[i].reason);
		if (!marked[i].reason) {
			CHECK_EQ(l.table.unfinished, true);
			CHECK_EQ(l.table.home_lba, 2);
			CHECK_EQ(l.table.array_lba, 16351);
			CHECK_EQ(l.table.nr_parts, 2);
		}
		ktap_result("a marker which", marked[i].name);
		loaded_free(&l);
		disk_free(&disk);
	}
}

static void test_marker_at_home(void)
{
	struct loaded l;
	struct disk disk;

	fixture_new(&disk, &base, 16383);
	fixture_marker(disk_at(&disk, 1), 512, 2);
	CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
	CHECK_EQ(l.table.unfinished, false);
	CHECK_EQ(l.table.home_lba, 2);
	ktap_result("an array at home is no unfinished commit, whatever a marker says", NULL);
	loaded_free(&l);
	disk_free(&disk);
}

#define RANGE LIVEGROW_REASON_ENTRY_RANGE
#define PAST LIVEGROW_REASON_ENTRY_PAST_DISK
#define OVERLAP LIVEGROW_REASON_ENTRY_OVERLAP

/* Entry 3, besides partitions at 2048 to 4095 and 8192 to 12287. */
static const struct {
	const char *name;
	u64 first;
	u64 last;
	enum livegrow_reason reason;
	/* clang-format off */
} entries[] = {
	{ "between the others", 4096, 8191, NONE },
	{ "of one LBA", 5000, 5000, NONE },
	{ "from the first usable LBA", 34, 2047, NONE },
	{ "to the last usable LBA", 12288, 16350, NONE },
	{ "from one in front of the first usable LBA", 33, 2047, RANGE },
	{ "from LBA 0", 0, 2047, RANGE },
	{ "0 to 0", 0, 0, RANGE },
	{ "over the primary array", 2, 33, RANGE },
	{ "to one behind the last usable LBA", 12288, 16351, RANGE },
	{ "over the backup header", 16383, 16383, RANGE },
	{ "which ends before it starts", 5000, 4999, RANGE },
	{ "from the disk's end to the start", 16383, 34, RANGE },
	{ "to one past the disk", 12288, 16384, PAST },
	{ "from one past the disk", 16384, 16384, PAST },
	{ "to 2^64 - 1", 12288, UINT64_MAX, PAST },
	{ "from 2^64 - 1", UINT64_MAX, 5000, PAST },
	{ "of all 2^64 LBAs", 0, UINT64_MAX, PAST },
	{ "over another's first LBA", 4096, 8192, OVERLAP },
	{ "over another's last LBA", 4095, 5000, OVERLAP },
	{ "inside another", 9000, 9000, OVERLAP },
	{ "the same as another", 8192, 12287, OVERLAP },
	{ "around another", 8191, 12288, OVERLAP },
	{ "around all others", 34, 16350, OVERLAP },
};
/* clang-format on */

static void test_entries(void)
{
	struct spec spec = base;

	spec.parts[0] = (struct spec_part){ 1, 2048, 4095, NULL, 0 };
	spec.parts[1] = (struct spec_part){ 2, 8192, 12287, NULL, 0 };
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		struct disk disk;

		spec.parts[2] = (struct spec_part){ 3, entries[i].first, entries[i].last, NULL, 0 };
		fixture_new(&disk, &spec, 16383);
		CHECK_EQ(reason_of(&disk), entries[i].reason);
		ktap_result("an entry", entries[i].name);
		disk_free(&disk);
	}
}

static void test_array_crc(void)
{
	struct disk disk;

	fixture_new(&disk, &base, 16383);
	disk_at(&disk, 33)[511] ^= 1;
	CHECK_EQ(reason_of(&disk), LIVEGROW_REASON_PRIMARY_DAMAGED);
	ktap_result("a bit flipped in the array's last byte is damage", NULL);
	disk_free(&disk);
}

/* 512 entries, of which the first @nr are partitions of one LBA. */
static enum livegrow_reason with_parts(u32 nr)
{
	static const struct spec spec = {
		.last_lba = 16383,
		.nr_entries = 512,
		.first_usable = 130,
		.last_usable = 16254,
		.parts = { { 1, 130, 130, NULL, 0 } },
	};
	enum livegrow_reason reason;
	struct disk disk;

	fixture_new(&disk, &spec, 16383);
	for (u32 n = 2; n <= nr; n++) {
		memcpy(fixture_entry(&disk, n), fixture_entry(&disk, 1), 128);
		put_le(fixture_entry(&disk, n) + E_FIRST, 8, 129 + n);
		put_le(fixture_entry(&disk, n) + E_LAST, 8, 129 + n);
	}
	fixture_seal(&disk);
	reason = reason_of(&disk);
	disk_free(&disk);
	return reason;
}

static void test_many(void)
{
	CHECK_EQ(with_parts(256), LIVEGROW_REASON_NONE);
	ktap_result("256 partitions are taken", NULL);
	CHECK_EQ(with_parts(257), LIVEGROW_REASON_UNSUPPORTED);
	ktap_result("257 partitions are not", NULL);
}

static void test_empty(void)
{
	static const struct spec spec = { .last_lba = 16383, .last_usable = 16350 };
	struct loaded l;
	struct disk disk;

	fixture_new(&disk, &spec, 16383);
	CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
	CHECK_EQ(l.table.nr_parts, 0);
	CHECK(!lg_table_last_part(&l.table));
	CHECK(lg_table_is_free(&l.table, 0, 16384));
	ktap_result("a table without partitions has no last one and is free", NULL);
	loaded_free(&l);
	disk_free(&disk);
}

static void test_lookups(void)
{
	struct loaded l;
	struct disk disk;

	fixture_new(&disk, &base, 16383);
	CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
	CHECK_EQ(le64_to_cpu(lg_table_entry(&l.table, 2)->last_lba), 16350);
	CHECK_EQ(le64_to_cpu(lg_table_entry(&l.table, 1)->first_lba), 34);
	CHECK((const u8 *)lg_table_entry(&l.table, 128) == l.array + 16256);
	ktap_result("an entry is found by its number", NULL);

	CHECK(lg_table_is_free(&l.table, 0, 34));
	CHECK(!lg_table_is_free(&l.table, 0, 35));
	CHECK(!lg_table_is_free(&l.table, 16350, 1));
	CHECK(lg_table_is_free(&l.table, 16351, 33));
	ktap_result("free is what touches no partition, to the LBA", NULL);
	loaded_free(&l);
	disk_free(&disk);
}

/* Records of 16 bytes from byte 446 on, the type in their fifth. */
static void test_head(void)
{
	struct lg_table table = { .lba_size = 512, .last_lba = 16383 };
	struct disk disk;
	u8 *head;

	fixture_new(&disk, &base, 16383);
	head = disk_at(&disk, 0);
	CHECK_EQ(lg_table_read_head(&table, head), LIVEGROW_REASON_NONE);
	CHECK(table.mbr == head && table.header == head + 512);
	CHECK_EQ(table.alternate, 16383);
	ktap_result("a protective MBR leads to the header behind it", NULL);
	head[512 + 16]++;
	CHECK_EQ(lg_table_read_head(&table, head), LIVEGROW_REASON_PRIMARY_DAMAGED);
	ktap_result("and what is wrong with that is the answer", NULL);
	head[446 + 16 + 4] = 0x83;
	head[446 + 16 + 12] = 1;
	CHECK_EQ(lg_table_read_head(&table, head), LIVEGROW_REASON_HYBRID_MBR);
	ktap_result("a hybrid MBR is refused", NULL);
	memset(head, 0, 512);
	CHECK_EQ(lg_table_read_head(&table, head), LIVEGROW_REASON_NO_TABLE);
	ktap_result("without an MBR there is no table", NULL);
	disk_free(&disk);
}

int main(void)
{
	test_legal();
	test_fields();
	test_sizes();
	test_shrunk();
	test_marked();
	test_marker_at_home();
	test_entries();
	test_array_crc();
	test_many();
	test_empty();
	test_lookups();
	test_head();
	return ktap_end();
}
