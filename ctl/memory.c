// SPDX-License-Identifier: GPL-2.0-or-later
/* What the daemon tried already. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/livegrow.h>

#include "memory.h"

/**
 * memory_disk() - what is remembered of a disk
 * @m: the memory
 * @name: of the disk
 *
 * Returns the entry, a new empty one for a disk never seen, which is valid
 * until the next call; or NULL without memory.
 */
struct disk_memory *memory_disk(struct memory *m, const char *name)
{
	struct disk_memory *more;

	for (size_t i = 0; i < m->n_disks; i++)
		if (!strcmp(m->disks[i].name, name))
			return &m->disks[i];
	more = reallocarray(m->disks, m->n_disks + 1, sizeof(*more));
	if (!more)
		return NULL;
	m->disks = more;
	more += m->n_disks++;
	*more = (struct disk_memory){ 0 };
	snprintf(more->name, sizeof(more->name), "%s", name);
	return more;
}

/**
 * memory_disk_meet() - forget what is remembered of another disk of that name
 * @disk: of memory_disk()
 * @identity: of the disk that has the name now
 */
void memory_disk_meet(struct disk_memory *disk, uint64_t identity)
{
	struct disk_memory fresh = { 0 };

	if (disk->identity && disk->identity != identity) {
		memcpy(fresh.name, disk->name, sizeof(fresh.name));
		*disk = fresh;
	}
	disk->identity = identity;
}

/**
 * memory_look_runs() - whether the newest look that the daemon asked for has not ended
 * @disk: of memory_disk()
 * @now: what the module says of the disk
 */
bool memory_look_runs(const struct disk_memory *disk, const struct record *now)
{
	return disk->has_look && (int32_t)(now->look - disk->look) < 0;
}

/**
 * memory_wants_answer() - whether another answer about the content is due after one was given
 * @disk: of memory_disk()
 * @now: what the module says of the disk, after the look that the daemon asked for
 *
 * The module forgets an answer when the capacity changes, even if the disk soon has its old
 * size again, and a permission after one look. And a content that was not found may be there
 * by now. Each of these two reasons ends with an answer that differs from it, so that the
 * daemon does not repeat itself for ever.
 */
bool memory_wants_answer(const struct disk_memory *disk, const struct record *now)
{
	if (memory_look_runs(disk, now))
		return false;
	return now->reason == LIVEGROW_REASON_CONTENT_AWAITED ||
	       now->reason == LIVEGROW_REASON_USE_AWAITED ||
	       now->reason == LIVEGROW_REASON_PART_UNKNOWN;
}

static struct fs_memory *fs_find(struct memory *m, dev_t dev)
{
	for (size_t i = 0; i < m->n_fs; i++)
		if (m->fs[i].dev == dev)
			return &m->fs[i];
	return NULL;
}

/**
 * memory_fs_tried() - whether a filesystem failed to grow to this very size
 * @m: the memory
 * @dev: its device
 * @size: the device's size now, in bytes
 *
 * What is asked for is kept by the next memory_fs_sweep().
 */
bool memory_fs_tried(struct memory *m, dev_t dev, uint64_t size)
{
	struct fs_memory *fs = fs_find(m, dev);

	if (fs)
		fs->seen = true;
	return fs && fs->size == size && fs->tried;
}

/** memory_fs_told() - whether it was told why it does not grow to this very size. */
bool memory_fs_told(struct memory *m, dev_t dev, uint64_t size)
{
	struct fs_memory *fs = fs_find(m, dev);

	return fs && fs->size == size;
}

/**
 * memory_fs_keep() - remember that a filesystem did not grow, and that it was told
 * @m: the memory
 * @dev: its device
 * @size: the device's size, in bytes
 * @tried: the kernel was asked
 *
 * Returns 0 or -ENOMEM.
 */
int memory_fs_keep(struct memory *m, dev_t dev, uint64_t size, bool tried)
{
	struct fs_memory *fs = fs_find(m, dev), *more;

	if (!fs) {
		more = reallocarray(m->fs, m->n_fs + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		m->fs = more;
		fs = &more[m->n_fs++];
	}
	*fs = (struct fs_memory){ .dev = dev, .size = size, .tried = tried, .seen = true };
	return 0;
}

/**
 * memory_fs_sweep() - forget the filesystems that nobody asked for since the
 * last sweep: they are not mounted any more, and may be repaired when they are
 */
void memory_fs_sweep(struct memory *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n_fs; i++) {
		if (!m->fs[i].seen)
			continue;
		m->fs[kept] = m->fs[i];
		m->fs[kept++].seen = false;
	}
	m->n_fs = kept;
}

/**
 * memory_disk_sweep() - forget the disks that no pass saw since the last sweep
 *
 * One of the same name that comes later is another.
 */
void memory_disk_sweep(struct memory *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->n_disks; i++) {
		if (!m->disks[i].seen)
			continue;
		m->disks[kept] = m->disks[i];
		m->disks[kept++].seen = false;
	}
	m->n_disks = kept;
}

/** memory_disk_rejudge() - the config was read anew: whatever holds for a disk is to be found again. */
void memory_disk_rejudge(struct memory *m)
{
	for (size_t i = 0; i < m->n_disks; i++)
		m->disks[i].judged = m->disks[i].remounted = false;
}

/** memory_clear() - forget everything. */
void memory_clear(struct memory *m)
{
	free(m->disks);
	free(m->fs);
	*m = (struct memory){ 0 };
}
