// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All combinations where there are few, else a sample; and the write-back in the
 * order of the pages, cut at each sector.
 */
#include <stdlib.h>
#include <string.h>

#include "cuts.h"
#include "pages.h"

#define ALL_COMBINATIONS 4096
#define RANDOM_COMBINATIONS 400

void pages_begin(struct pages *pages, struct ram *disk)
{
	pages->disk = disk;
	pages->nr = 0;
}

static struct page *find_page(struct pages *pages, u64 number)
{
	struct page *page = pages->pages;
	u32 i;

	for (i = 0; i < pages->nr && page->number < number; i++)
		page++;
	if (i < pages->nr && page->number == number)
		return page;
	if (pages->nr == MAX_PAGES)
		abort();
	memmove(page + 1, page, (pages->nr - i) * sizeof(*page));
	pages->nr++;
	page->number = number;
	page->nr_versions = 1;
	memcpy(page->versions[0], pages->disk->disk.bytes + number * PAGE_BYTES, PAGE_BYTES);
	return page;
}

static u8 *newest(struct page *page)
{
	return page->versions[page->nr_versions - 1];
}

/* A version of its own, where it changes anything. */
static void change(struct page *page, u64 offset, const u8 *data, u64 len)
{
	u8 *version = page->versions[page->nr_versions];

	if (!memcmp(newest(page) + offset, data, len))
		return;
	if (page->nr_versions == MAX_VERSIONS)
		abort();
	memcpy(version, newest(page), PAGE_BYTES);
	memcpy(version + offset, data, len);
	page->nr_versions++;
}

void pages_write(struct pages *pages, u64 offset, const u8 *data, u64 len)
{
	while (len) {
		u64 inside = offset % PAGE_BYTES;
		u64 part = len < PAGE_BYTES - inside ? len : PAGE_BYTES - inside;

		change(find_page(pages, offset / PAGE_BYTES), inside, data, part);
		offset += part;
		data += part;
		len -= part;
	}
}

static void put(struct pages *pages, const struct page *page, const u8 *version, u64 sectors)
{
	ram_write(pages->disk, page->number * PAGE_BYTES / pages->disk->disk.lba_size, sectors,
		  version);
}

static void put_whole(struct pages *pages, const struct page *page, u32 version)
{
	put(pages, page, page->versions[version], PAGE_BYTES / pages->disk->disk.lba_size);
}

static void put_back(struct pages *pages)
{
	for (u32 i = 0; i < pages->nr; i++)
		put_whole(pages, &pages->pages[i], 0);
}

static void tell(struct pages *pages)
{
	pages->state(&pages->disk->disk, pages->context);
}

static u64 combinations(const struct pages *pages)
{
	u64 total = 1;

	for (u32 i = 0; i < pages->nr && total <= ALL_COMBINATIONS; i++)
		total *= pages->pages[i].nr_versions;
	return total;
}

static void combine(struct pages *pages, u64 number)
{
	for (u32 i = 0; i < pages->nr; i++) {
		struct page *page = &pages->pages[i];

		put_whole(pages, page, (u32)(number % page->nr_versions));
		number /= page->nr_versions;
	}
	tell(pages);
}

static void combine_at_random(struct pages *pages)
{
	for (u32 i = 0; i < pages->nr; i++)
		put_whole(pages, &pages->pages[i], cuts_random(pages->pages[i].nr_versions));
	tell(pages);
}

static void try_combinations(struct pages *pages)
{
	u64 total = combinations(pages);

	if (total > ALL_COMBINATIONS)
		for (u32 i = 0; i < RANDOM_COMBINATIONS; i++)
			combine_at_random(pages);
	else
		for (u64 i = 0; i < total; i++)
			combine(pages, i);
	put_back(pages);
}

/* Where the sector that a cut follows is not the page's last, nor as it was. */
static void tear(struct pages *pages, struct page *page)
{
	u32 size = pages->disk->disk.lba_size;

	for (u32 n = 1; n < PAGE_BYTES / size; n++) {
		if (!memcmp(newest(page) + (n - 1) * size, page->versions[0] + (n - 1) * size,
			    size))
			continue;
		put(pages, page, newest(page), n);
		tell(pages);
	}
	put_whole(pages, page, page->nr_versions - 1);
}

void pages_flush(struct pages *pages)
{
	if (!pages->nr)
		return;
	try_combinations(pages);
	for (u32 i = 0; i < pages->nr; i++)
		tear(pages, &pages->pages[i]);
	pages->nr = 0;
}
