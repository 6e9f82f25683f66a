// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a resting daemon holds. Starting, and each pass over the disks, maps far more
 * of the program and its libraries than waiting for the next event takes; what stays mapped is
 * memory that a guest short of it frees last. Pages that are let go remain in the
 * page cache for as long as nobody needs the room.
 */

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rest.h"

/* What is never written has no contents of its own to lose; relocations end in what is. */
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
	for (size_t i = 0; i < object->dlpi_phnum; i++)
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
