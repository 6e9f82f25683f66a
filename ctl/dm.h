/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_DM_H
#define GROWCTL_DM_H

#include <stdint.h>
#include <sys/types.h>

int dm_crypt_end(dev_t dm, dev_t below, uint64_t *ret);
int dm_plain_end(dev_t dm, dev_t below, uint64_t *ret);

#endif
