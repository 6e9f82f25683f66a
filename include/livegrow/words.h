/* SPDX-License-Identifier: GPL-2.0-only */
/* Reasons and steps, in words that a person can act on. */
#ifndef LIVEGROW_WORDS_H
#define LIVEGROW_WORDS_H

#include <livegrow/platform.h>
#include <linux/livegrow.h>

/**
 * lg_reason_words() - a reason that names neither a partition nor a number
 * @reason: of a disk
 *
 * Return: a sentence without its full stop; "unknown" for any other reason.
 */
const char *lg_reason_words(enum livegrow_reason reason);

/**
 * lg_step_words() - what a step does
 * @step: of the module's steps; userspace's has its own words
 *
 * Return: "writing the new backup"; "unknown" for any other number.
 */
const char *lg_step_words(enum livegrow_step step);

#endif /* LIVEGROW_WORDS_H */
