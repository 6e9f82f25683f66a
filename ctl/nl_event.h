/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NL_EVENT_H
#define GROWCTL_NL_EVENT_H

#include "nl.h"
#include "record.h"

typedef void (*lg_event_fn)(const struct record *event, void *arg);

/* What lg_family_recv() heard; the newest counts. */
enum lg_family_news { LG_FAMILY_SAME, LG_FAMILY_CAME, LG_FAMILY_WENT };

int lg_event_open(struct lg *lg);
int lg_event_recv(struct lg *lg, lg_event_fn fn, void *arg);
int lg_event_past(lg_event_fn fn, void *arg);
int lg_fd(const struct lg *lg);

int lg_family_open(struct lg *lg);
int lg_family_recv(struct lg *lg, enum lg_family_news *ret);

#endif
