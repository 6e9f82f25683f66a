// SPDX-License-Identifier: GPL-2.0-or-later
/* Which blocks of a displaced backup may be zeroed. */
#include <string.h>

#include "fixture.h"
#include "ktap.h"

static const struct spec base = {
	.last_lba = 16383,
	.last_usable = 16350,
	.parts = { { 1, 2048, 16000, NULL, 0 } },
};

/* What is changed at the backup header, sealed again; 0 bytes: nothing. */
static const struct {
	const char *name;
	u64 disk_last;
	u32 at;
	u32 bytes;
	u64 value;
	u64 header_lba;
	u64 array_lba;
	u32 array_lbas;
	/* clang-format off */
} rows[] = {
	{ "far from the new one: all of it", 32767, 0, 0, 0, 16383, 16351, 32 },
	{ "one LBA from touching the new one: all of it", 16417, 0, 0, 0, 16383, 16351, 32 },
	{ "touching the new one: all of it", 16416, 0, 0, 0, 16383, 16351, 32 },
	{ "its header under the new array", 16415, 0, 0, 0, 0, 16351, 32 },
	{ "its array under the new one but for 20 LBAs", 16403, 0, 0, 0, 0, 16351, 20 },
	{ "a growth by one LBA leaves one LBA", 16384, 0, 0, 0, 0, 16351, 1 },
	{ "not displaced: nothing", 16383, 0, 0, 0, 0, 0, 0 },
	{ "no signature: nothing", 32767, H_SIGNATURE, 8, 0, 0, 0, 0 },
	{ "another disk's: nothing", 32767, H_GUID, 1, 0, 0, 0, 0 },
	{ "moved here from elsewhere: nothing", 32767, H_MY_LBA, 8, 16382, 0, 0, 0 },
	{ "of another number of entries: the header alone", 32767, H_NR_ENTRIES, 4, 64,
	  16383, 0, 0 },
	{ "of another entry size: the header alone", 32767, H_ENTRY_SIZE, 4, 256, 16383, 0, 0 },
	{ "its array in a gap", 32767, H_ARRAY_LBA, 8, 16010, 16383, 16010, 32 },
	{ "its array right behind a partition", 32767, H_ARRAY_LBA, 8, 16001, 16383, 16001, 32 },
	{ "its array over a partition's last LBA", 32767, H_ARRAY_LBA, 8, 16000, 16383, 0, 0 },
	{ "its array inside a partition", 32767, H_ARRAY_LBA, 8, 5000, 16383, 0, 0 },
	{ "its array over a partition's first LBA", 32767, H_ARRAY_LBA, 8, 2017, 16383, 0, 0 },
	{ "its array right before a partition", 32767, H_ARRAY_LBA, 8, 2016, 16383, 2016, 32 },
	{ "its array the primary's", 32767, H_ARRAY_LBA, 8, 2, 16383, 0, 0 },
	{ "its array over the primary's last LBA", 32767, H_ARRAY_LBA, 8, 33, 16383, 0, 0 },
	{ "its array at LBA 0", 32767, H_ARRAY_LBA, 8, 0, 16383, 0, 0 },
	{ "its array the new one's", 32767, H_ARRAY_LBA, 8, 32735, 16383, 0, 0 },
	{ "its array past the disk's end", 32767, H_ARRAY_LBA, 8, 32736, 16383, 0, 0 },
	{ "its array past the disk", 32767, H_ARRAY_LBA, 8, 32768, 16383, 0, 0 },
	{ "its array at 2^64 - 1", 32767, H_ARRAY_LBA, 8, UINT64_MAX, 16383, 0, 0 },
	{ "its array at 2^64 - 31, whose end is 0", 32767, H_ARRAY_LBA, 8,
	  0xffffffffffffffe1, 16383, 0, 0 },
};
/* clang-format on */

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct loaded l;
		struct disk disk;
		u8 *backup;

		fixture_new(&disk, &base, rows[i].disk_last);
		backup = disk_at(&disk, 16383);
		put_le(backup + rows[i].at, rows[i].bytes, rows[i].value);
		if (rows[i].bytes)
			fixture_seal_header(backup);
		CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
		CHECK_EQ(l.stale.header_lba, rows[i].header_lba);
		CHECK_EQ(l.stale.array_lba, rows[i].array_lba);
		CHECK_EQ(l.stale.array_lbas, rows[i].array_lbas);
		ktap_result("an old backup", rows[i].name);
		loaded_free(&l);
		disk_free(&disk);
	}
}

static void test_unsealed(void)
{
	struct loaded l;
	struct disk disk;

	fixture_new(&disk, &base, 32767);
	disk_at(&disk, 16383)[H_CRC] ^= 1;
	CHECK_EQ(fixture_load(&disk, &l), LIVEGROW_REASON_NONE);
	CHECK_EQ(l.stale.header_lba, 0);
	CHECK_EQ(l.stale.array_lba, 0);
	ktap_result("an old backup with a wrong CRC: nothing", NULL);
	loaded_free(&l);
	disk_free(&disk);
}

int main(void)
{
	test_rows();
	test_unsealed();
	return ktap_end();
}
