/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STORER_H
#define GROWCTL_STORER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct storer - the process that stores the old tables, one at most
 * @pidfd: readable when it has ended; -1 while there is none
 * @wanted: there are some to be stored, and nothing else stands against it
 * @due_at: not before this, by now_ms()
 */
struct storer {
	int pidfd;
	bool wanted;
	int64_t due_at;
};

void storer_hint(struct storer *s);
int storer_want(struct storer *s, bool wanted);
void storer_take(struct storer *s);
int storer_patience(const struct storer *s);

#endif
