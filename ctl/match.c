// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether a rule means a disk, by what is known of the disk. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match.h"

/**
 * facts_add() - a disk has something that a rule can name
 * @facts: the disk's; facts_free() it, after an error too
 * @kind: what it is
 * @text: is copied
 *
 * Returns 0 or -ENOMEM.
 */
int facts_add(struct facts *facts, enum conf_kind kind, const char *text)
{
	char **more = reallocarray(facts->has[kind], facts->n[kind] + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	facts->has[kind] = more;
	more[facts->n[kind]] = strdup(text);
	if (!more[facts->n[kind]])
		return -ENOMEM;
	facts->n[kind]++;
	return 0;
}

/**
 * facts_doubt() - there may be more of a kind than is known; the first reason is kept
 * @facts: the disk's
 * @kind: what it is
 * @where: it was looked for, "vdb1"
 * @why: it could not be found out, in words
 */
void facts_doubt(struct facts *facts, enum conf_kind kind, const char *where, const char *why)
{
	if (!facts->doubt[kind][0])
		snprintf(facts->doubt[kind], MATCH_WHY, "%s: %s", where, why);
}

/** facts_free() - forget a disk's facts. */
void facts_free(struct facts *facts)
{
	for (int kind = 0; kind < CONF_KINDS; kind++) {
		for (size_t i = 0; i < facts->n[kind]; i++)
			free(facts->has[kind][i]);
		free(facts->has[kind]);
	}
	*facts = (struct facts){ 0 };
}

/** match_rule() - whether a rule means the disk that has these facts. */
enum match match_rule(const struct conf_rule *rule, const struct facts *facts)
{
	if (rule->kind == CONF_ALL)
		return MATCH_YES;
	for (size_t i = 0; i < facts->n[rule->kind]; i++)
		if (!strcmp(rule->text, facts->has[rule->kind][i]))
			return MATCH_YES;
	return facts->doubt[rule->kind][0] ? MATCH_MAYBE : MATCH_NO;
}
