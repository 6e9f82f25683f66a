/* SPDX-License-Identifier: GPL-2.0-only */
/* Looks that the module repeats by itself, since no event announces when they would succeed. */
#ifndef LIVEGROW_RETRY_H
#define LIVEGROW_RETRY_H

struct lg_disk;
struct lg_hint;
struct workqueue_struct;

/**
 * lg_retry_init() - prepare a new disk's retry
 * @disk: the disk
 */
void lg_retry_init(struct lg_disk *disk);

/**
 * lg_retry_after() - start a retry if the look that just ended needs one
 * @disk: the disk
 * @queue: runs the retry, which only queues a look
 * @hint: the request that the look served; no dry run
 *
 * A look that ended for good cancels the retry that an earlier one started.
 *
 * Context: the disk's work; takes the disk's lock.
 */
void lg_retry_after(struct lg_disk *disk, struct workqueue_struct *queue,
		    const struct lg_hint *hint);

/**
 * lg_retry_cancel() - cancel a retry whose timer runs
 * @disk: the disk
 *
 * Context: any; takes no locks. A retry whose timer has expired ends by itself.
 */
void lg_retry_cancel(struct lg_disk *disk);

#endif /* LIVEGROW_RETRY_H */
