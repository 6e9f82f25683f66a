/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_AREA_H
#define GROWCTL_LVM_AREA_H

#include "lvm_label.h"

/* LVM itself makes areas of 1 MiB by default. */
#define LVM_TEXT_MAX (16U << 20)

int lvm_area_read(int fd, const struct lvm_area *area, char **ret, size_t *ret_len);
int lvm_read(int fd, void *buf, size_t len, uint64_t at);

#endif
