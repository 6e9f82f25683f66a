/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LISTING_H
#define GROWCTL_LISTING_H

#include <libsmartcols.h>

int listing_print(struct libscols_table *table);

#endif
