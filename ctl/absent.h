/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_ABSENT_H
#define GROWCTL_ABSENT_H

/* Room for the words of absent_why(). */
#define ABSENT_TEXT 320

const char *absent_why(char buf[ABSENT_TEXT]);

#endif
