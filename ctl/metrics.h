/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_METRICS_H
#define GROWCTL_METRICS_H

#include <stdio.h>

int metrics_print(FILE *out);
int metrics_file(const char *path);

#endif
