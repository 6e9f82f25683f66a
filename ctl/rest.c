// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a resting daemon holds. Starting, and each pass over the disks, maps far more of
 * the program and its libraries than waiting for the next event takes, and what is mapped
 * a guest that is short of memory frees last. Pages that are let go remain in the page
 * cache for as long as nobody needs the room.
 */

#include <link.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rest.h"

/* Whether its relocations were written into what is read alone otherwise. */
static bool is_relocated(const struct dl_phdr_info *object)
{
	for (size_t i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		const ElfW(Dyn) *d = (const void *)(object->dlpi_addr + p->p_vaddr);

		for (; p->p_type == PT_DYNAMIC && d->d_tag != DT_NULL; d++)
			if (d->d_tag == DT_TEXTREL ||
			    (d->d_tag == DT_FLAGS && d->d_un.d_val & DF_TEXTREL))
				return true;
	}
	return false;
}

/* What was never written has no contents of its own to lose. */
static void segment_let_go(uintptr_t base, const ElfW(Phdr) * segment)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t begin = (base + segment->p_vaddr) & ~(page - 1);
	uintptr_t end = base + segment->p_vaddr + segment->p_memsz;

	if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
		madvise((void *)begin, end - begin, MADV_DONTNEED);
}

static int object_let_go(struct dl_phdr_info *object, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (size_t i = 0; i < object->dlpi_phnum && !is_relocated(object); i++)
		segment_let_go(object->dlpi_addr, &object->dlpi_phdr[i]);
	return 0;
}

/**
 * rest() - let go of the pages of the program and its libraries that are read alone
 *
 * Each comes back, from the page cache as a rule, when it is used next. Where the
 * kernel refuses, they stay.
 */
void rest(void)
{
	dl_iterate_phdr(object_let_go, NULL);
}
