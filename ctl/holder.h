/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_HOLDER_H
#define GROWCTL_HOLDER_H

#include "content.h"
#include "sysfs.h"

/* The kernel's DM_NAME_LEN. */
#define HOLDER_NAME 128

/**
 * struct holder - a mapping of the device mapper, or a device of DRBD, that lies on a volume
 * @name: as in /dev/mapper, or as in /dev for DRBD
 * @type: libblkid's word for what such a mapping is made of, as for content_probe(), or
 *        cryptsetup's for TrueCrypt and VeraCrypt, which have no signature; "" for others
 */
struct holder {
	char name[HOLDER_NAME];
	char type[CONTENT_SIZE];
};

typedef int (*holder_fn)(const struct volume *holder, void *arg);

int holders_each(const struct volume *volume, holder_fn fn, void *arg);
int holder_read(const char *device, struct holder *ret);
int holder_find(const struct volume *volume, struct holder *ret);

#endif
