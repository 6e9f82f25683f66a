// SPDX-License-Identifier: GPL-2.0-or-later
/* Partitions are told as sysfs does, in sectors of 512 bytes: [number, start, size]. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "shelf.h"

bool shelf_wants(struct shelf *shelf)
{
	u32 number = shelf->seen++;

	if (number < shelf->first || number - shelf->first >= shelf->count)
		return false;
	printf("{\"number\": %u", number);
	return true;
}

void shelf_name(const char *format, ...)
{
	va_list list;

	printf(", \"name\": \"");
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('"');
}

static void write_file(const char *path, const struct disk *disk)
{
	size_t size = (disk->last_lba + 1) * disk->lba_size;
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(disk->bytes, 1, size, file) != size || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void tell_file(const struct shelf *shelf, const struct disk *disk, const char *key)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s%u.%s", shelf->prefix, shelf->seen - 1, key);
	write_file(path, disk);
	printf(", \"%s\": \"%s\"", key, path);
}

/* null where there is no table. */
static void tell_parts(const struct disk *disk, const char *key)
{
	u64 sectors = disk->lba_size / 512;
	static struct found found;

	judge(disk, &found);
	printf(", \"%s\": %s", key, found.table ? "[" : "null");
	for (u32 i = 0; i < found.nr_parts; i++) {
		const struct found_part *part = &found.parts[i];

		printf("%s[%u, %" PRIu64 ", %" PRIu64 "]", i ? ", " : "", part->number,
		       (uint64_t)(part->first * sectors),
		       (uint64_t)((part->last - part->first + 1) * sectors));
	}
	printf("%s", found.table ? "]" : "");
}

void shelf_disk(const struct shelf *shelf, const struct disk *disk)
{
	printf(", \"lba_size\": %u", disk->lba_size);
	tell_file(shelf, disk, "image");
	tell_parts(disk, "parts");
}

void shelf_final(const struct shelf *shelf, const struct disk *disk, bool full, bool free_tail)
{
	tell_file(shelf, disk, "final");
	tell_parts(disk, "final_parts");
	printf(", \"full\": %s, \"free_tail\": %s", full ? "true" : "false",
	       free_tail ? "true" : "false");
}

void shelf_done(void)
{
	puts("}");
}
