/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_POLICY_H
#define GROWCTL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

struct conf;
struct facts;

enum policy_key {
	POLICY_MODE, /* enum livegrow_mode */
	POLICY_MAX, /* bytes that the last partition may reach; 0: no limit */
	POLICY_KEEP_FREE, /* bytes, or per cent of the disk, behind the last partition */
	POLICY_MIN_STEP, /* bytes; no growth is smaller */
	POLICY_ALIGN, /* bytes; a power of two */
	POLICY_KEYS
};

/* The module's own, where no rule has one. */
#define POLICY_ALIGN_DEFAULT (UINT64_C(1) << 20)

/**
 * struct policy_value - what one key is set to, and by whom
 * @number: its value, in the key's unit
 * @per_cent: @number is a share of the disk; of POLICY_KEEP_FREE alone
 * @given: a rule has it
 * @file: that has the rule; NULL: built in, or the module's parameter
 * @line: of the key in @file, from 1
 * @section: the rule's, without brackets; NULL where @file is
 *
 * The texts live as long as the struct conf.
 */
struct policy_value {
	uint64_t number;
	bool per_cent, given;
	const char *file;
	unsigned int line;
	const char *section;
};

/* Room for why a disk is held, and for a value in words. */
#define POLICY_WHY 512
#define POLICY_VALUE_TEXT 32

/**
 * struct policy - how a disk may grow
 * @values: one for each key, with defaults where no rule has it
 * @of_module: the mode without a rule is the module's parameter, not built in
 * @held: the mode is ask at most, since not all that concerns the disk is understood or known
 * @doubtful: one of the reasons for that may pass
 * @why: of @held, in words
 */
struct policy {
	struct policy_value values[POLICY_KEYS];
	bool of_module, held, doubtful;
	char why[POLICY_WHY];
};

/**
 * struct policy_module - the module's parameter, which counts where no rule has a mode
 * @mode: enum livegrow_mode
 * @known: the module is there and says so
 */
struct policy_module {
	uint32_t mode;
	bool known;
};

const char *policy_key_name(enum policy_key key);
int policy_key_find(const char *name, enum policy_key *ret);
const char *policy_key_wants(enum policy_key key);
int policy_value_parse(enum policy_key key, const char *text, struct policy_value *ret);
const char *policy_value_text(enum policy_key key, const struct policy_value *value,
			      char buf[POLICY_VALUE_TEXT]);

void policy_merge(const struct conf *conf, const struct facts *facts,
		  const struct policy_module *module, struct policy *ret);
int policy_of_disk(const struct conf *conf, const char *disk, struct policy *ret);
int policy_of_disk_within(const struct conf *conf, const char *disk, int ms, struct policy *ret);

#endif
