/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STORER_H
#define GROWCTL_STORER_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct storer - the process that stores the old tables, one at most
 * @pidfd: readable when it has ended; -1 while there is none
 * @failed: the last one could not store all of them
 * @retry_at: when it is tried again, by now_ms()
 */
struct storer {
	int pidfd;
	bool failed;
	int64_t retry_at;
};

bool storer_due(const struct storer *s);
int storer_start(struct storer *s);
void storer_take(struct storer *s);
int storer_patience(const struct storer *s);

#endif
