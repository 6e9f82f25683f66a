/* SPDX-License-Identifier: GPL-2.0-only */
/* The permission to write to a disk. */
#ifndef LIVEGROW_GATE_H
#define LIVEGROW_GATE_H

#include <linux/types.h>
#include <linux/livegrow.h>

struct block_device;
struct lg_disk;
struct lg_rule;

struct lg_gate {
	enum livegrow_state state;
	enum livegrow_reason reason;
};

/**
 * lg_gate_look() - may the disk be looked at?
 * @disk: the disk
 * @gate: filled where it may not
 */
bool lg_gate_look(struct lg_disk *disk, struct lg_gate *gate);

/**
 * lg_gate_write() - may the disk be written to?
 * @disk: the disk
 * @bdev: the same, opened
 * @flags: what is permitted, enum livegrow_flags
 * @rule: what held when that was judged; where another one holds now, it may not, and
 *	the state is unknown
 * @gate: filled where it may not
 *
 * Only what this guest uses is written to unasked, and mere openers do not count:
 * udev opens everything. A disk of which nothing is held here may belong to a
 * nested guest or to another host.
 *
 * Context: takes the disk's open_mutex.
 */
bool lg_gate_write(struct lg_disk *disk, struct block_device *bdev, u32 flags,
		   const struct lg_rule *rule, struct lg_gate *gate);

#endif /* LIVEGROW_GATE_H */
