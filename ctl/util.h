/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_UTIL_H
#define GROWCTL_UTIL_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The core has it too. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* Room for a block device's name: the kernel's DISK_NAME_LEN and a partition's number. */
#define NAME_SIZE 48

/* "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX" */
#define GUID_SIZE 37

/* Room for a size in words. */
#define SIZE_TEXT 24

const char *size_text(uint64_t bytes, char buf[SIZE_TEXT]);
/* Room for two sizes, in words and as numbers. */
#define SIZES_TEXT 112

const char *sizes_words(uint64_t old, uint64_t new, char buf[SIZES_TEXT]);
void sizes_text(uint64_t old, uint64_t new, char ret_old[SIZE_TEXT], char ret_new[SIZE_TEXT]);

int size_parse(const char *text, uint64_t *ret);

int64_t now_ms(void);
uint64_t clock_when(uint64_t ns);

bool log_is_journal(void);
void log_line(int level, const char *format, ...) __attribute__((format(printf, 2, 3)));
int print_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
