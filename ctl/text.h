/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_TEXT_H
#define GROWCTL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

const char *text_next(const char **p, size_t *ret_len);
char *text_valid(const char *text);
char *text_clean(char *text);
bool text_is_word(const char *text);
const char *text_tail(const char *text, size_t size, char *ret);

#endif
