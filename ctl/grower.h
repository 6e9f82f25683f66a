/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_GROWER_H
#define GROWCTL_GROWER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "filesystem.h"
#include "follow.h"

/* After so long it is told that a process did not end. */
#define GROWER_PATIENCE_MS 5000

/* How one ended. */
enum grower_end {
	GROWER_GROWN,
	GROWER_UNCHANGED, /* there was nothing to do, or the kernel did nothing */
	GROWER_BUSY, /* the kernel does it when something else has ended */
	GROWER_FAILED,
};

/**
 * struct grower - a process that grows one filesystem
 * @what: the filesystem in words
 * @dev: its device
 * @size: the device's size that it grows to, in bytes
 * @pidfd: readable when the process has ended
 * @since: when it was started, by now_ms()
 * @told: it was told that it takes long
 */
struct grower {
	char what[FOLLOW_TEXT];
	dev_t dev;
	uint64_t size;
	int pidfd;
	int64_t since;
	bool told;
};

/*
 * Tells what came of it, in the process itself: @err is 0 or a negative errno, @reported
 * whether the one who started it hears of it as an event of the module.
 */
typedef void (*grower_tell_fn)(int err, const char *text, bool reported);

int grower_start(const char *disk, const struct fs *fs, grower_tell_fn tell, struct grower *ret);
int grower_patience(const struct grower *g);
void grower_tell_late(struct grower *g);
bool grower_ended(struct grower *g, enum grower_end *ret);

#endif
