/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_MEMORY_H
#define GROWCTL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "deliver.h"
#include "record.h"
#include "util.h"

/**
 * struct disk_memory - what was asked of the module, and told to it, for one disk
 * @identity: of disk_identity(); another disk may have its name by now
 * @capacity: then
 * @used: a digest of what was in use then
 * @places: and of where something was mounted
 * @asked: bits of what was asked for; empty again when one of the above changes
 * @look: the newest look asked for
 * @has_look: whether there is one
 * @rules: what it was told that holds
 * @told: whether it was
 * @judged: by the configuration as it was read last, and what is mounted
 * @remounted: it is to be judged again by what is mounted alone
 * @permits: LIVEGROW_FLAG_FREE_TAIL while looks follow a wider rule: each of them is permitted
 *           to take what the narrower one left; else 0
 * @doubts: how often in a row it was judged with doubts that may pass
 * @seen: in this pass it is still there
 * @met: it was seen since the module was loaded
 * @shrunk: the host made it smaller than what was in use, and shrunk_kept() knows
 * @restoring: the look that reports this to a module that was loaded since has not ended
 * @again_at: when it is to be looked at again, by now_ms(); 0 is never
 */
struct disk_memory {
	char name[NAME_SIZE];
	uint64_t identity, capacity, used, places;
	unsigned int asked;
	uint32_t look, permits;
	struct rules rules;
	bool has_look, told, judged, remounted, seen;
	bool met, shrunk, restoring;
	unsigned int doubts;
	int64_t again_at;
};

/**
 * struct fs_memory - a filesystem that did not grow
 * @dev: its device
 * @size: the device's size for which it was tried, or told why not
 * @tried: the kernel was asked: it is not asked again for this size
 * @seen: in this pass it is still mounted
 */
struct fs_memory {
	dev_t dev;
	uint64_t size;
	bool tried;
	bool seen;
};

/**
 * struct memory - what keeps the daemon from trying the same thing again and again
 * @busy_at: when filesystems are to be looked at again, by now_ms(); 0 is never
 */
struct memory {
	int64_t busy_at;
	struct disk_memory *disks;
	size_t n_disks;
	struct fs_memory *fs;
	size_t n_fs;
};

struct disk_memory *memory_disk(struct memory *m, const char *name);
void memory_disk_meet(struct disk_memory *disk, uint64_t identity);
bool memory_look_runs(const struct disk_memory *disk, const struct record *now);
bool memory_wants_answer(const struct disk_memory *disk, const struct record *now);
bool memory_fs_tried(struct memory *m, dev_t dev, uint64_t size);
bool memory_fs_told(struct memory *m, dev_t dev, uint64_t size);
int memory_fs_keep(struct memory *m, dev_t dev, uint64_t size, bool tried);
void memory_fs_sweep(struct memory *m);
void memory_disk_sweep(struct memory *m);
void memory_disk_rejudge(struct memory *m);
void memory_clear(struct memory *m);

#endif
