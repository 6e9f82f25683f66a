/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STORER_H
#define GROWCTL_STORER_H

#include <stdbool.h>
#include <stdint.h>

#include "chronicle.h"

/**
 * struct storer - the process that stores old tables, history and metrics, one at most
 * @chronicle: what is to be added to the history
 * @metrics: the file for these, or NULL
 * @news: something has happened since it was written
 * @pidfd: readable when it has ended; -1 while there is none
 * @n_taken: entries of the chronicle that it stores
 * @wanted: there is something to be stored, and nothing else stands against it
 * @told: that the history could not be added to
 * @retry_ms: how long it waited after it last failed; 0 where it did not
 * @due_at: not before this, by now_ms()
 */
struct storer {
	struct chronicle chronicle;
	const char *metrics;
	bool news;
	int pidfd;
	size_t n_taken;
	bool wanted, told;
	int retry_ms;
	int64_t due_at;
};

void storer_close(struct storer *s);
void storer_hint(struct storer *s);
int storer_want(struct storer *s, bool wanted);
bool storer_has(const struct storer *s);
void storer_take(struct storer *s);
int storer_patience(const struct storer *s);

#endif
