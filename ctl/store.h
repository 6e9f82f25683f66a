/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STORE_H
#define GROWCTL_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "table.h"

#define STORE_DIR "/var/lib/livegrow"

/* So many of a disk are kept. */
#define STORE_KEEP 10

/* Room for a file's name: a GUID, a number, ".gpt". */
#define STORE_NAME_SIZE 64

/**
 * struct stored - an old table of a disk
 * @id: counts up for each disk
 * @when: it was replaced
 * @table: free() its bytes
 */
struct stored {
	uint32_t id;
	struct timespec when;
	struct table table;
};

int store_open(void);
int store_make(void);
void store_name(const char *guid, uint32_t id, char ret[STORE_NAME_SIZE]);
int store_ids(int dir, const char *guid, uint32_t **ret, size_t *ret_n);
int store_load(int dir, const char *guid, uint32_t id, struct stored *ret);
int store_put(int dir, const struct table *table, const struct timespec *when);

int store_ask_put(int dir, const char *guid);
int store_ask_drop(int dir, const char *guid);
bool store_ask_any(int dir);
bool store_ask_have(int dir, const char *guid);

#endif
