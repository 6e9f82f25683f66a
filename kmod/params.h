/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module was told at load time. */
#ifndef LIVEGROW_PARAMS_H
#define LIVEGROW_PARAMS_H

#include <linux/types.h>
#include <linux/livegrow.h>

/* The mode of every disk: mode=auto|ask|off, auto by default. */
enum livegrow_mode lg_param_mode(void);

/* Does a disk's mode auto wait until it has been set? await_policy=, false by default. */
bool lg_param_awaits_policy(void);

/* The module waits so many seconds for growctl's answer. content_wait=, 10 by default. */
unsigned int lg_param_content_wait(void);

/**
 * lg_param_drives() - are the disks of this driver ours?
 * @driver: its name, or NULL when it has none
 *
 * Those of drivers=, a list with commas, and of virtio_blk always.
 */
bool lg_param_drives(const char *driver);

#endif /* LIVEGROW_PARAMS_H */
