/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_NOTIFY_H
#define GROWCTL_NOTIFY_H

int notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
