/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_POLICY_AWAIT_H
#define GROWCTL_POLICY_AWAIT_H

#define POLICY_AWAIT_SECONDS 10

int policy_await(const char *only);

#endif
