/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_RECOVER_H
#define GROWCTL_RECOVER_H

#include <stdbool.h>

#include "look.h"

/* What became of a primary that was to be recovered. */
enum recovery {
	RECOVERY_NEEDLESS, /* the module has nothing to recover, or says why it may not */
	RECOVERY_REFUSED, /* the words for it are printed */
	RECOVERY_WOULD, /* a dry run found that it can be done */
	RECOVERY_DONE,
};

int recover_primary(struct look *look, uint32_t flags, enum recovery *ret);

#endif
