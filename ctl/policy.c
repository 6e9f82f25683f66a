// SPDX-License-Identifier: GPL-2.0-or-later
/* What the rules that mean a disk say together. Nothing here looks at a device. */

#include <stdarg.h>
#include <stdio.h>

#include <linux/livegrow.h>

#include "conf.h"
#include "match.h"
#include "policy.h"

/* The first reason is the one that is told. */
static void __attribute__((format(printf, 2, 3)))
hold(struct policy *policy, const char *format, ...)
{
	va_list args;

	if (policy->held)
		return;
	policy->held = true;
	va_start(args, format);
	vsnprintf(policy->why, sizeof(policy->why), format, args);
	va_end(args);
}

/* A rule without keys says nothing, whoever it means. */
static bool is_empty(const struct conf_rule *rule)
{
	for (int key = 0; key < POLICY_KEYS; key++)
		if (rule->values[key].given)
			return false;
	return !rule->broken_line;
}

static void rule_apply(struct policy *policy, const struct conf_rule *rule,
		       const struct facts *facts)
{
	enum match match = match_rule(rule, facts);

	if (match == MATCH_NO || is_empty(rule))
		return;
	if (match == MATCH_MAYBE) {
		policy->doubtful = true;
		hold(policy, "whether [%.200s] means it cannot be told: %s", rule->section,
		     facts->doubt[rule->kind]);
		return;
	}
	if (rule->broken_line)
		hold(policy, "%s:%u [%.200s] cannot be understood", rule->file, rule->broken_line,
		     rule->section);
	for (int key = 0; key < POLICY_KEYS; key++)
		if (rule->values[key].given)
			policy->values[key] = rule->values[key];
}

/**
 * policy_merge() - the policy of a disk that has these facts
 * @conf: the rules, of which later ones win, key by key
 * @facts: what they can name the disk by
 * @module: what counts where no rule has a mode
 * @ret: receives the policy, whose texts live as long as @conf
 *
 * A rule that was not understood in whole, or that may mean the disk or not, lets it
 * not grow unasked: the mode is ask, or off.
 */
void policy_merge(const struct conf *conf, const struct facts *facts,
		  const struct policy_module *module, struct policy *ret)
{
	struct policy policy = { .of_module = module->known };
	struct policy_value *mode = &policy.values[POLICY_MODE];

	mode->number = module->mode;
	policy.values[POLICY_ALIGN].number = POLICY_ALIGN_DEFAULT;
	for (size_t i = 0; i < conf->n_rules; i++)
		rule_apply(&policy, &conf->rules[i], facts);
	if (conf->broken)
		hold(&policy, "%s", conf->broken_why);
	/* Stronger than every rule, as the module has it. */
	if (module->known && module->mode == LIVEGROW_MODE_OFF)
		*mode = (struct policy_value){ .number = LIVEGROW_MODE_OFF };
	if (policy.held && mode->number == LIVEGROW_MODE_AUTO)
		mode->number = LIVEGROW_MODE_ASK;
	*ret = policy;
}
