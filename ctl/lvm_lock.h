/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_LOCK_H
#define GROWCTL_LVM_LOCK_H

int lvm_lock(const char *who);

#endif
