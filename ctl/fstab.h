/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_FSTAB_H
#define GROWCTL_FSTAB_H

struct libmnt_table;

int fstab_read(struct libmnt_table **ret);

#endif
