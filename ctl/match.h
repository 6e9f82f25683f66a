/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_MATCH_H
#define GROWCTL_MATCH_H

#include "conf.h"

/* Room for why it is not known what a disk has. */
#define MATCH_WHY 128

/**
 * struct facts - what a rule can name a disk by
 * @has: of each kind its texts
 * @n: their numbers
 * @doubt: of each kind why there may be more than @has, in words; "" where there are not
 */
struct facts {
	char **has[CONF_KINDS];
	size_t n[CONF_KINDS];
	char doubt[CONF_KINDS][MATCH_WHY];
};

enum match { MATCH_NO, MATCH_MAYBE, MATCH_YES };

int facts_add(struct facts *facts, enum conf_kind kind, const char *text);
void facts_doubt(struct facts *facts, enum conf_kind kind, const char *where, const char *why);
void facts_free(struct facts *facts);
enum match match_rule(const struct conf_rule *rule, const struct facts *facts);

#endif
