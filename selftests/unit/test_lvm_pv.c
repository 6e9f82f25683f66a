// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LVM's physical volumes, made here byte by byte, sound and damaged: how far they
 * reach. UNIT_SEED in the environment repeats a run of the pseudo-random test.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lvm_area.h>
#include <lvm_label.h>
#include <lvm_pv.h>
#include <util.h>

#include "bytes.h"
#include "ktap.h"

#define UUID "kPOz0HAAAABBBBCCCCDDDDEEEEFFFFFF"
#define MIB ((uint64_t)1 << 20)
#define VOLUME (8 * MIB)
#define ROUNDS 30000

/* Where a label's sector and an area's header have what. */
enum { L_ID = 0, L_SECTOR = 8, L_CRC = 16, L_OFFSET = 20, L_TYPE = 24, L_CONTENT = 32 };
enum { A_CRC = 0, A_MAGIC = 4, A_VERSION = 20, A_START = 24, A_SIZE = 32, A_TEXT = 40 };
enum { T_OFFSET = 0, T_SIZE = 8, T_CRC = 16, T_FLAGS = 20 };

/**
 * struct area - a metadata area and its text
 * @seqno: 0 for an empty one
 * @dev_size: sectors
 * @at: where in the area the text begins
 */
struct area {
	uint64_t start, size;
	unsigned int seqno;
	uint64_t dev_size, at;
	bool ignored, stranger;
};

/* clang-format off */
#define AREA_OF(start, size, seqno, dev_size, at) \
	{ start, size, seqno, dev_size, at, false, false }
#define EMPTY(start, size) AREA_OF(start, size, 0, 0, 0)
#define IGNORED(start, size) { start, size, 9, 99, 512, true, false }
#define STRANGER(start, size, seqno) { start, size, seqno, 8192, 512, false, true }
/* clang-format on */

static int fd;

static void write_at(uint64_t at, const void *data, size_t len)
{
	if (pwrite(fd, data, len, (off_t)at) != (ssize_t)len)
		abort();
}

static void read_at(uint64_t at, void *data, size_t len)
{
	if (pread(fd, data, len, (off_t)at) != (ssize_t)len)
		abort();
}

static void flip(uint64_t at)
{
	uint8_t byte;

	read_at(at, &byte, 1);
	byte ^= 1;
	write_at(at, &byte, 1);
}

static uint32_t crc(const void *data, size_t len)
{
	return own_crc_from(0xf597a6cf, data, len);
}

static void seal_label(uint64_t at)
{
	uint8_t sector[512];

	read_at(at, sector, sizeof(sector));
	put_le(sector + L_CRC, 4, crc(sector + L_OFFSET, 512 - L_OFFSET));
	write_at(at, sector, sizeof(sector));
}

static void seal_area(uint64_t at)
{
	uint8_t sector[512];

	read_at(at, sector, sizeof(sector));
	put_le(sector + A_CRC, 4, crc(sector + A_MAGIC, 512 - A_MAGIC));
	write_at(at, sector, sizeof(sector));
}

static uint8_t *put_area(uint8_t *to, uint64_t start, uint64_t size)
{
	put_le(to, 8, start);
	put_le(to + 8, 8, size);
	return to + 16;
}

/* The extension says whether the volume is in a group. */
static void write_label(uint64_t number, uint64_t device_size, const struct area *areas, size_t n,
			bool used)
{
	uint8_t sector[512] = { 0 }, *to = sector + L_CONTENT;

	memcpy(sector + L_ID, "LABELONE", 8);
	put_le(sector + L_SECTOR, 8, number);
	put_le(sector + L_OFFSET, 4, L_CONTENT);
	memcpy(sector + L_TYPE, "LVM2 001", 8);
	memcpy(to, UUID, 32);
	put_le(to + 32, 8, device_size);
	to = put_area(put_area(to + 40, MIB, 0), 0, 0);
	for (size_t i = 0; i < n; i++)
		to = put_area(to, areas[i].start, areas[i].size);
	to = put_area(to, 0, 0);
	put_le(to, 4, 2);
	put_le(to + 4, 4, used);
	write_at(number * 512, sector, sizeof(sector));
	seal_label(number * 512);
}

static size_t text_of(const struct area *area, char text[1024])
{
	int len = snprintf(text, 1024,
			   "vg0 {\nid = \"x\"\nseqno = %u\nextent_size = 8\nphysical_volumes {\n"
			   "pv0 {\nid = \"%s\"\ndev_size = %llu\npe_start = 2048\n"
			   "pe_count = 1\n}\n}\n}\n"
			   "contents = \"Text Format Volume Group\"\nversion = 1\n",
			   area->seqno,
			   area->stranger ? "x" : "kPOz0H-AAAA-BBBB-CCCC-DDDD-EEEE-FFFFFF",
			   (unsigned long long)area->dev_size);

	return (size_t)len + 1;
}

/* The ring begins behind the header. */
static void write_ring(const struct area *area, const char *text, size_t len)
{
	size_t first = len < area->size - area->at ? len : area->size - area->at;

	write_at(area->start + area->at, text, first);
	write_at(area->start + 512, text + first, len - first);
}

static void write_area(const struct area *area)
{
	uint8_t header[512] = { 0 };
	char text[1024] = "";
	size_t len = text_of(area, text);

	memcpy(header + A_MAGIC, " LVM2 x[5A%r0N*>", 16);
	put_le(header + A_VERSION, 4, 1);
	put_le(header + A_START, 8, area->start);
	put_le(header + A_SIZE, 8, area->size);
	if (area->seqno) {
		put_le(header + A_TEXT + T_OFFSET, 8, area->at);
		put_le(header + A_TEXT + T_SIZE, 8, len);
		put_le(header + A_TEXT + T_CRC, 4, crc(text, len));
		write_ring(area, text, len);
	}
	put_le(header + A_TEXT + T_FLAGS, 4, area->ignored);
	write_at(area->start, header, sizeof(header));
	seal_area(area->start);
}

static void fresh(uint64_t size)
{
	if (ftruncate(fd, 0) || ftruncate(fd, (off_t)size))
		abort();
}

static void write_volume(uint64_t device_size, const struct area *areas, size_t n, bool used)
{
	fresh(VOLUME);
	write_label(1, device_size, areas, n, used);
	for (size_t i = 0; i < n; i++)
		write_area(&areas[i]);
}

static void check_reach(uint64_t reach)
{
	uint64_t got = 0;
	const char *why;

	CHECK(lvm_pv_reach(fd, VOLUME, &got, &why) == 0);
	CHECK_EQ(got, reach);
}

static void check_refused(const char *words)
{
	uint64_t got;
	const char *why = "";

	CHECK(lvm_pv_reach(fd, VOLUME, &got, &why) < 0);
	if (!strstr(why, words)) {
		CHECK(false);
		printf("# why: %s\n", why);
	}
}

#define DAMAGED "damaged"
#define ELSEWHERE "other volumes of its group alone"

static const struct {
	const char *name;
	struct area areas[3];
	size_t n;
	bool used;
	uint64_t reach;
	const char *refused;
	/* clang-format off */
} rows[] = {
	{ "in a group: the size in its metadata, not the label's",
	  { AREA_OF(4096, MIB - 4096, 1, 8192, 512) }, 1, true, 8192 * 512, NULL },
	{ "larger there than in the label",
	  { AREA_OF(4096, MIB - 4096, 1, 16000, 512) }, 1, true, 16000 * 512, NULL },
	{ "larger there than the device",
	  { AREA_OF(4096, MIB - 4096, 1, 99999, 512) }, 1, true, 99999 * 512, NULL },
	{ "in no group: the label's size", { EMPTY(4096, MIB - 4096) }, 1, false, 6 * MIB, NULL },
	{ "two areas, the second newer",
	  { AREA_OF(4096, 65536, 3, 8192, 512), AREA_OF(5 * MIB, 65536, 4, 12000, 512) },
	  2, true, 12000 * 512, NULL },
	{ "two areas, the first newer",
	  { AREA_OF(4096, 65536, 4, 12000, 512), AREA_OF(5 * MIB, 65536, 3, 16000, 512) },
	  2, true, 12000 * 512, NULL },
	{ "an area behind the volume's size",
	  { AREA_OF(4096, 65536, 4, 8192, 512), AREA_OF(7 * MIB, 65536, 4, 8192, 512) },
	  2, true, 7 * MIB + 65536, NULL },
	{ "and in no group", { EMPTY(4096, 65536), EMPTY(7 * MIB, 65536) },
	  2, false, 7 * MIB + 65536, NULL },
	{ "a second area that is empty",
	  { AREA_OF(4096, 65536, 4, 12000, 512), EMPTY(5 * MIB, 65536) },
	  2, true, 12000 * 512, NULL },
	{ "a second area that is set aside",
	  { AREA_OF(4096, 65536, 4, 12000, 512), IGNORED(5 * MIB, 65536) },
	  2, true, 12000 * 512, NULL },
	{ "a text that goes on at the ring's start",
	  { AREA_OF(4096, 65536, 1, 12000, 65536 - 20) }, 1, true, 12000 * 512, NULL },
	{ "with one byte at the end",
	  { AREA_OF(4096, 65536, 1, 12000, 65535) }, 1, true, 12000 * 512, NULL },
	{ "a text in the middle",
	  { AREA_OF(4096, 65536, 1, 12000, 30000) }, 1, true, 12000 * 512, NULL },
	{ "no area", { { .start = 0 } }, 0, false, 0, ELSEWHERE },
	{ "no area, in a group", { { .start = 0 } }, 0, true, 0, ELSEWHERE },
	{ "an empty area, in a group", { EMPTY(4096, 65536) }, 1, true, 0, ELSEWHERE },
	{ "an area that is set aside",
	  { IGNORED(4096, 65536) }, 1, true, 0, ELSEWHERE },
	{ "an empty one that is set aside",
	  { { .start = 4096, .size = 65536, .ignored = true } }, 1, false, 0, ELSEWHERE },
	{ "not listed", { STRANGER(4096, 65536, 1) }, 1, true, 0,
	  "does not list it" },
	{ "not listed in the newer one",
	  { AREA_OF(4096, 65536, 1, 8192, 512), STRANGER(5 * MIB, 65536, 2) },
	  2, true, 0, "does not list it" },
	{ "a size over 64 bits in bytes",
	  { AREA_OF(4096, 65536, 1, UINT64_MAX / 512 + 1, 512) }, 1, true, 0, "impossible size" },
	{ "the text before the ring", { AREA_OF(4096, 65536, 1, 8192, 511) }, 1, true, 0, DAMAGED },
	{ "an area too small for a text", { EMPTY(4096, 512) }, 1, true, 0, DAMAGED },
	{ "an area past the device", { EMPTY(VOLUME - 512, 513) }, 1, true, 0, "label" },
	{ "an area behind the device", { EMPTY(VOLUME + 512, 512) }, 1, true, 0, "label" },
	{ "an area of over 64 bits", { EMPTY(4096, UINT64_MAX - 4095) }, 1, true, 0, "label" },
};
/* clang-format on */

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		write_volume(6 * MIB, rows[i].areas, rows[i].n, rows[i].used);
		if (rows[i].refused)
			check_refused(rows[i].refused);
		else
			check_reach(rows[i].reach);
		ktap_result("a volume", rows[i].name);
	}
}

static const struct area one = AREA_OF(4096, 65536, 1, 8192, 512);

#define TEXT (one.start + one.at)
#define SLOT (one.start + A_TEXT)
#define CONTENT (512 + L_CONTENT)

enum { PLAIN, LABEL, AREA };

/* @value is written to @at, over so many bytes; 0 of them flip a bit. */
static const struct {
	const char *name;
	uint64_t at, value;
	unsigned int bytes;
	int seal;
	const char *refused;
	/* clang-format off */
} damages[] = {
	{ "the label's name", 512, 0, 0, LABEL, "label" },
	{ "its checksum", 512 + L_CRC, 0, 0, PLAIN, "label" },
	{ "its last byte", 1023, 0, 0, PLAIN, "label" },
	{ "its sector", 512 + L_SECTOR, 2, 8, LABEL, "label" },
	{ "its type", 512 + L_TYPE, 0, 0, LABEL, "label" },
	{ "its content in its header", 512 + L_OFFSET, 31, 4, LABEL, "label" },
	{ "its content at its end", 512 + L_OFFSET, 512, 4, LABEL, "label" },
	{ "its content past its end", 512 + L_OFFSET, 513, 4, LABEL, "label" },
	{ "its content far away", 512 + L_OFFSET, 0xffffffff, 4, LABEL, "label" },
	{ "its lists past its end", 512 + L_OFFSET, 512 - 40 - 15, 4, LABEL, "label" },
	{ "data that begin past the device", CONTENT + 40, VOLUME + 1, 8, LABEL, "label" },
	{ "data that end past it", CONTENT + 48, VOLUME, 8, LABEL, "label" },
	{ "another UUID", CONTENT, 0, 0, LABEL, "does not list it" },
	{ "the area's checksum", 4096, 0, 0, PLAIN, DAMAGED },
	{ "the header's last byte", 4096 + 511, 0, 0, PLAIN, DAMAGED },
	{ "the header's magic", 4096 + A_MAGIC, 0, 0, AREA, DAMAGED },
	{ "its version", 4096 + A_VERSION, 2, 4, AREA, DAMAGED },
	{ "its start", 4096 + A_START, 8192, 8, AREA, DAMAGED },
	{ "its size", 4096 + A_SIZE, 65536 + 512, 8, AREA, DAMAGED },
	{ "the text's first byte", TEXT, 0, 0, PLAIN, DAMAGED },
	{ "a byte in it", TEXT + 100, 0, 0, PLAIN, DAMAGED },
	{ "its checksum", SLOT + T_CRC, 0, 0, AREA, DAMAGED },
	{ "its size, one less", SLOT + T_SIZE, 100, 8, AREA, DAMAGED },
	{ "its size 0", SLOT + T_SIZE, 0, 8, AREA, DAMAGED },
	{ "its offset 0", SLOT + T_OFFSET, 0, 8, AREA, DAMAGED },
	{ "its size that of the ring and one", SLOT + T_SIZE, 65536 - 512 + 1, 8, AREA, DAMAGED },
	{ "its size that of the ring", SLOT + T_SIZE, 65536 - 512, 8, AREA, DAMAGED },
	{ "its size 2^64 - 1", SLOT + T_SIZE, UINT64_MAX, 8, AREA, DAMAGED },
	{ "its offset at the end", SLOT + T_OFFSET, 65536, 8, AREA, DAMAGED },
	{ "its offset 2^64 - 1", SLOT + T_OFFSET, UINT64_MAX, 8, AREA, DAMAGED },
	{ "its offset 2^63", SLOT + T_OFFSET, (uint64_t)1 << 63, 8, AREA, DAMAGED },
};
/* clang-format on */

static void damage(size_t i)
{
	uint8_t value[8];

	put_le(value, 8, damages[i].value);
	if (damages[i].bytes)
		write_at(damages[i].at, value, damages[i].bytes);
	else
		flip(damages[i].at);
	if (damages[i].seal == LABEL)
		seal_label(512);
	if (damages[i].seal == AREA)
		seal_area(one.start);
}

static void test_damages(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		write_volume(4 * MIB, &one, 1, true);
		check_reach(4 * MIB);
		damage(i);
		check_refused(damages[i].refused);
		ktap_result("damaged", damages[i].name);
	}
}

static void test_one_of_two(void)
{
	static const struct area two[] = { AREA_OF(4096, 65536, 3, 8192, 512),
					   AREA_OF(5 * MIB, 65536, 3, 8192, 512) };

	for (size_t i = 0; i < 2; i++) {
		write_volume(4 * MIB, two, 2, true);
		flip(two[i].start + 600);
		check_reach(5 * MIB + 65536);
	}
	ktap_result("of two areas the sound one suffices", NULL);
	flip(two[0].start + 600);
	check_refused(DAMAGED);
	ktap_result("two damaged ones do not", NULL);
}

static void test_label_sectors(void)
{
	for (uint64_t i = 0; i < 6; i++) {
		fresh(VOLUME);
		write_area(&one);
		write_label(i, 0, &one, 1, true);
		if (i < 4)
			check_reach(4 * MIB);
		else
			check_refused("label");
	}
	ktap_result("the label is in one of four sectors", NULL);
	write_label(3, 0, &one, 1, true);
	write_label(1, 0, &one, 1, true);
	check_refused("label");
	ktap_result("two labels are refused", NULL);
}

/* An older LVM's label has no extension, and may be full. */
static void test_full_label(void)
{
	static const struct area same = AREA_OF(4096, 65536, 1, 8192, 512);
	struct area areas[24];

	for (size_t i = 0; i < ARRAY_SIZE(areas); i++)
		areas[i] = same;
	fresh(VOLUME);
	write_area(&same);
	write_label(1, 0, areas, 23, false);
	check_reach(4 * MIB);
	ktap_result("a label full of areas", NULL);
	for (uint64_t at = CONTENT + 40; at < 1024; at += 16)
		write_at(at, "\0\x10\0\0\0\0\0\0\0\0\1\0\0\0\0", 16);
	seal_label(512);
	check_refused("label");
	ktap_result("lists without end", NULL);
}

/* Of text_of(). */
#define EXTENT 4096
#define END (MIB + EXTENT)

/* What pvresize would make extents of. */
static void test_spare(void)
{
	static const struct {
		const char *name;
		struct area areas[2];
		size_t n;
		uint64_t label, end, spare;
		/* clang-format off */
	} volumes[] = {
		{ "in a group: what is behind its extents, whatever its sizes say",
		  { AREA_OF(4096, 65536, 1, 16000, 512) }, 1, VOLUME, END, VOLUME - END },
		{ "and behind its last area",
		  { AREA_OF(4096, 65536, 1, 8192, 512), AREA_OF(7 * MIB, 65536, 1, 8192, 512) },
		  2, 0, END, MIB - 65536 },
		{ "where that has room for an extent",
		  { AREA_OF(4096, 65536, 1, 8192, 512), EMPTY(VOLUME - EXTENT - 65536, 65536) },
		  2, 0, END, EXTENT },
		{ "and not for less",
		  { AREA_OF(4096, 65536, 1, 8192, 512), EMPTY(VOLUME - EXTENT + 512 - 65536, 65536) },
		  2, 0, END, 0 },
		{ "in no group: what is behind the label's size",
		  { EMPTY(4096, 65536) }, 1, 6 * MIB, 6 * MIB, 2 * MIB },
		{ "which may be all", { EMPTY(4096, 65536) }, 1, VOLUME, VOLUME, 0 },
		{ "or more", { EMPTY(4096, 65536) }, 1, 2 * VOLUME, 2 * VOLUME, 0 },
		/* clang-format on */
	};

	for (size_t i = 0; i < ARRAY_SIZE(volumes); i++) {
		struct lvm_pv pv = { 0 };

		write_volume(volumes[i].label, volumes[i].areas, volumes[i].n, false);
		CHECK(lvm_pv_read(fd, VOLUME, &pv) == 0);
		CHECK_EQ(pv.end, volumes[i].end);
		CHECK_EQ(pv.spare, volumes[i].spare);
		ktap_result("room", volumes[i].name);
	}
}

static void test_large(void)
{
	struct area large = AREA_OF(4096, (uint64_t)1 << 40, 1, 8192, 512);
	uint64_t volume = (uint64_t)2 << 40, got;
	uint8_t size[8];
	const char *why = "";

	fresh(volume);
	write_label(1, 0, &large, 1, true);
	write_area(&large);
	CHECK(lvm_pv_reach(fd, volume, &got, &why) == 0 && got == 4096 + large.size);
	ktap_result("an area of a TiB", NULL);
	put_le(size, 8, LVM_TEXT_MAX + 1);
	write_at(4096 + A_TEXT + T_SIZE, size, 8);
	seal_area(4096);
	CHECK(lvm_pv_reach(fd, volume, &got, &why) == -EFBIG && strstr(why, "larger"));
	ktap_result("a text over what is read", NULL);
	CHECK(lvm_pv_reach(fd, UINT64_MAX, &got, &why) == -EFBIG);
	ktap_result("a device over 63 bits", NULL);
}

/* It became smaller behind the kernel's back. */
static void test_short(void)
{
	static const uint64_t sizes[] = { 0, 1, 2047, 2048, 4096, 4100, 4608, 4609, 4700 };
	uint64_t got;
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		write_volume(4 * MIB, &one, 1, true);
		if (ftruncate(fd, (off_t)sizes[i]))
			abort();
		CHECK(lvm_pv_reach(fd, VOLUME, &got, &why) == -EIO);
	}
	ktap_result("a device that ends before its size", NULL);
}

static uint64_t state = 0x6c766d32;

static uint64_t rnd(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

static void damage_somewhere(void)
{
	static const uint64_t odd[] = { 0, 1, 511, 512, 513, 65536, VOLUME, UINT64_MAX, 1ULL << 63 };
	static const uint64_t ats[] = { 512, 4096, 4096 + 512, 4096 + A_TEXT, CONTENT };
	uint64_t at = ats[rnd(5)] + rnd(4) * 8;
	uint8_t value[8];

	put_le(value, 8, odd[rnd(9)] + rnd(3) - 1);
	if (rnd(3))
		write_at(at, value, 8);
	else
		flip(ats[rnd(5)] + rnd(480));
}

/* The text's checksum as well, wherever the header says it is. */
static void seal_text(void)
{
	uint8_t header[512];
	char text[2048];
	uint64_t at, len;

	read_at(4096, header, sizeof(header));
	at = get_le(header + A_TEXT + T_OFFSET, 8);
	len = get_le(header + A_TEXT + T_SIZE, 8);
	if (at >= 65536 || len > sizeof(text))
		return;
	read_at(4096 + at, text, len);
	put_le(header + A_TEXT + T_CRC, 4, crc(text, len));
	write_at(4096, header, sizeof(header));
}

static void test_random(void)
{
	unsigned int taken = 0, refused = 0;
	const char *seed = getenv("UNIT_SEED"), *why;
	struct lvm_pv pv;
	uint64_t got;

	if (seed)
		state = strtoull(seed, NULL, 0) | 1;
	printf("# UNIT_SEED=%llu\n", (unsigned long long)state);
	for (int i = 0; i < ROUNDS; i++) {
		write_volume(4 * MIB, &one, 1, rnd(2));
		for (uint64_t n = rnd(3) + 1; n; n--)
			damage_somewhere();
		if (rnd(2))
			seal_text();
		seal_area(4096);
		seal_label(512);
		if (lvm_pv_reach(fd, VOLUME, &got, &why) == 0)
			taken++;
		else
			refused++;
		CHECK(lvm_pv_read(fd, VOLUME, &pv) < 0 || pv.spare < VOLUME);
	}
	printf("# %u taken, %u refused\n", taken, refused);
	CHECK(taken > ROUNDS / 20 && refused > ROUNDS / 20);
	ktap_result("pseudo-random damages under right checksums", NULL);
}

int main(void)
{
	fd = memfd_create("pv", MFD_CLOEXEC);
	if (fd < 0)
		abort();
	test_rows();
	test_damages();
	test_one_of_two();
	test_label_sectors();
	test_full_label();
	test_spare();
	test_large();
	test_short();
	test_random();
	close(fd);
	return ktap_end();
}
