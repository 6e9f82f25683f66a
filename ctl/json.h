/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_JSON_H
#define GROWCTL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void json_string(FILE *out, const char *text);
bool json_member(const char *object, const char *key, char *ret, size_t size);

#endif
