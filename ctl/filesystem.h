/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FILESYSTEM_H
#define GROWCTL_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#include <livegrow/content.h>

#include "content.h"
#include "mounts.h"
#include "sysfs.h"

/**
 * struct fs_facts - a filesystem's sizes in bytes
 * @size: what it takes of its device now
 * @reach: what it would take after a grow on the device as it is now; never
 *         less than @size. The filesystem's own rounding is in it, so one
 *         that got all it can has @reach equal to @size.
 * @unfinished: a crash met its last grow, and a part of that is still to be written
 * @damaged: it is marked as having errors, and the kernel does not grow it
 */
struct fs_facts {
	uint64_t size, reach;
	bool unfinished, damaged;
};

/**
 * struct fs_ops - one kind of filesystem
 * @types: the kernel's names for it, NULL at the end
 * @by_hand: the tool by which a person grows one
 * @mend: what to do about a damaged one, in words
 * @facts: find out its sizes
 * @grow: grow it to its device; it returns when the kernel did
 * @is_live: whether one is mounted from @volume, in whatever mount namespace, as sysfs tells
 * @lies_on: for a kind whose mounts have a device number of their own: whether what is mounted
 *           from @source, a path or NULL, lies on @volume, be it there alone or not; else NULL
 * @ready: what hinders a grow, beyond what holds for every kind: -EINPROGRESS where the kernel is
 *         busy with something that ends, -EOPNOTSUPP for what it never grows; may be NULL
 * @why: words for an error of these calls, NULL for those that need none of their own; for -E2BIG
 *       what to do about one that takes no more of its device, NULL where there is no such end;
 *       may be NULL
 *
 * @fd is that of struct mount_place, open for @grow and @ready, @volume the device with its size
 * of now. Those that return an int return 0 or a negative errno.
 */
struct fs_ops {
	const char *const *types;
	const char *by_hand;
	const char *mend;
	int (*facts)(int fd, const struct volume *volume, struct fs_facts *ret);
	int (*grow)(int fd, const struct volume *volume);
	bool (*is_live)(const struct volume *volume);
	bool (*lies_on)(const struct volume *volume, const char *source);
	int (*ready)(int fd, const struct volume *volume);
	const char *(*why)(const struct volume *volume, int err);
};

extern const struct fs_ops fs_btrfs;
extern const struct fs_ops fs_ext;
extern const struct fs_ops fs_nilfs;
extern const struct fs_ops fs_xfs;

/**
 * struct fs - a mounted filesystem
 * @ops: NULL for a type that growctl cannot grow
 * @bottom: the partition or disk that it lies on
 * @volume: what it is mounted from, with the size that the layers between (layer.h) can give it
 * @elsewhere: the mounts of the other namespace in which it is mounted alone, else NULL
 */
struct fs {
	const struct fs_ops *ops;
	struct volume bottom, volume;
	struct mount_place place;
	struct libmnt_table *elsewhere;
};

/**
 * struct fs_grown - how an attempt to grow ended
 * @before: the sizes before it
 * @after: the sizes after it, read back
 * @tried: the kernel was asked; false where there was nothing to do, or no way
 */
struct fs_grown {
	struct fs_facts before, after;
	bool tried;
};

bool fs_type_grows(const char *type);
enum lg_mount fs_mount_type(struct libmnt_table *mounts, const struct volume *volume,
			    char ret_type[CONTENT_SIZE]);
enum lg_mount fs_mount_of(struct libmnt_table *mounts, const struct volume *volume);
bool fs_is_mounted(struct libmnt_table *mounts, const struct volume *volume);
int fs_open(struct libmnt_table *mounts, const struct volume *volume, struct fs *ret);
void fs_close(struct fs *fs);
bool fs_is_full(const struct fs_facts *facts);
int fs_ready(const struct fs *fs);
int fs_facts_read(const struct fs *fs, struct fs_facts *ret);
int fs_check(const struct fs *fs, struct fs_facts *ret);
const char *fs_end_why(const struct fs *fs, const struct fs_facts *now);
const char *fs_why(const struct fs *fs, int err);
const char *fs_check_why(const struct fs *fs, int err);
int fs_grow(const struct fs *fs, struct fs_grown *ret);

#endif
