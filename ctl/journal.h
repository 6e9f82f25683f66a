/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_JOURNAL_H
#define GROWCTL_JOURNAL_H

#include "record.h"

void journal_event(const struct record *event);

#endif
