/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_GROWERS_H
#define GROWCTL_GROWERS_H

#include <stddef.h>

#include "grower.h"
#include "memory.h"

/**
 * struct growers - the daemon's processes, one a filesystem at most
 * @epoll: readable when one of them ended
 */
struct growers {
	int epoll;
	struct grower *list;
	size_t n;
};

int growers_open(struct growers *g);
void growers_close(struct growers *g);
bool growers_have(const struct growers *g, dev_t dev);
int growers_start(struct growers *g, const char *disk, const struct fs *fs);
int growers_patience(const struct growers *g);
void growers_take(struct growers *g, struct memory *memory);

#endif
