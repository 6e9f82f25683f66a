/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_EVENT_PRINT_H
#define GROWCTL_EVENT_PRINT_H

#include "record.h"

void event_print_text(const struct record *event);
void event_print_json(const struct record *event);
void event_print_own(bool json, const char *event, const char *text);

#endif
