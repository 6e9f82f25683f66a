/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_STACK_H
#define GROWCTL_STACK_H

#include <livegrow/content.h>

#include "sysfs.h"

struct libmnt_table;

/**
 * enum stack_growth - whether anything on a volume can use more space; a later one outweighs
 *                     the earlier ones
 * @STACK_FIXED: nothing that is known to
 * @STACK_CLOSED: LUKS that is not open
 * @STACK_GROWS: a filesystem, LVM or the like can
 */
enum stack_growth { STACK_FIXED, STACK_CLOSED, STACK_GROWS };

enum lg_mount stack_mount_of(struct libmnt_table *mounts, const struct volume *volume);
enum stack_growth stack_growth_of(struct libmnt_table *mounts, const struct volume *volume);

#endif
