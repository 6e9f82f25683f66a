/* SPDX-License-Identifier: GPL-2.0-only */
/* growctl answers where the module cannot find out what the last partition holds. */
#ifndef LIVEGROW_ANSWER_H
#define LIVEGROW_ANSWER_H

#include <linux/livegrow.h>

struct lg_disk;
struct lg_hint;
struct lg_look;

/**
 * lg_answer_take() - remember what a request says of the last partition
 * @look: the look that the request asked for, its capacity, flags and limits set
 * @hint: the request; LIVEGROW_FLAG_CONTENT and _ASKED void an earlier answer, but not
 *	in a dry run or with limits
 *
 * Context: the disk's work, as for all of these.
 */
void lg_answer_take(struct lg_look *look, const struct lg_hint *hint);

/**
 * lg_answer_now() - the answer that holds now
 * @look: the look
 *
 * Return: the value for struct lg_holding: the reason given, LIVEGROW_REASON_CONTENT_AWAITED while
 * the module waits, or LIVEGROW_REASON_NONE once the wait is over.
 */
enum livegrow_reason lg_answer_now(const struct lg_look *look);

/**
 * lg_answer_await() - begin to wait, unless the wait for this capacity has begun
 * @look: the look
 */
void lg_answer_await(struct lg_look *look);

/**
 * lg_answer_seconds() - how long the wait lasts
 * @disk: the disk
 *
 * Return: seconds, rounded up; 0 if the wait is over, or none has begun.
 */
unsigned int lg_answer_seconds(const struct lg_disk *disk);

#endif /* LIVEGROW_ANSWER_H */
