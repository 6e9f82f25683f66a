/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CONF_H
#define GROWCTL_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "policy.h"

#define CONF_FILE "/etc/growctl.conf"
#define CONF_DIR "/etc/growctl.conf.d"
#define CONF_SUFFIX ".conf"

/* Which disks a rule is for. */
enum conf_kind {
	CONF_ALL,
	CONF_NAME,
	CONF_SERIAL,
	CONF_LINK,
	CONF_LABEL,
	CONF_MOUNTPOINT,
	CONF_KINDS
};

/**
 * struct conf_rule - one section
 * @kind: what it names a disk by
 * @section: without brackets, as it is told: "all", "name=vdb"
 * @text: what a disk of @kind must have: "vdb"; "" of CONF_ALL; a part of @section
 * @file: that has it
 * @line: of its head
 * @broken_line: the first of its lines that was not understood, or 0: what it says is not all
 *               that was meant
 * @values: those that are given
 */
struct conf_rule {
	enum conf_kind kind;
	char *section;
	const char *text;
	const char *file;
	unsigned int line, broken_line;
	struct policy_value values[POLICY_KEYS];
};

/**
 * struct conf_error - what was not understood
 * @file: where
 * @line: from 1; 0 where it is the whole file
 * @section: without brackets, or NULL
 * @key: or NULL
 * @text: what is wrong, and what would be right
 */
struct conf_error {
	const char *file;
	unsigned int line;
	char *section, *key, *text;
};

/**
 * struct conf - what the configuration files say
 * @files: their names, in the order in which they were read
 * @rules: in their order; of two that match a disk, the later one wins, key by key
 * @errors: the first of them, as many as are kept
 * @n_errors: number of @errors
 * @more_errors: those that were not kept
 * @broken: something was not understood that may concern any disk
 * @broken_why: in words
 */
struct conf {
	char **files;
	size_t n_files;
	struct conf_rule *rules;
	size_t n_rules;
	struct conf_error *errors;
	size_t n_errors, more_errors;
	bool broken;
	char broken_why[POLICY_WHY];
};

/* Room for an error with its place. */
#define CONF_ERROR_TEXT 768

int conf_read(const char *root, struct conf *ret);
int conf_add_file(struct conf *conf, const char *path);
int conf_add_text(struct conf *conf, const char *path, const char *text, size_t len);
void conf_free(struct conf *conf);
bool conf_asks(const struct conf *conf, enum conf_kind kind);
const char *conf_kind_name(enum conf_kind kind);
const char *conf_error_text(const struct conf_error *error, char buf[CONF_ERROR_TEXT]);

#endif
