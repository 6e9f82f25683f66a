// SPDX-License-Identifier: GPL-2.0-or-later
/* The lists of what was read from the configuration files: files, rules, errors. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_list.h"
#include "text.h"

/* More would tell nobody anything. */
#define ERRORS_MAX 1000

/* One more place at the end of a list; its address may change. */
static void *list_add(void **list, size_t n, size_t size)
{
	char *more = reallocarray(*list, n + 1, size);

	if (!more)
		return NULL;
	*list = more;
	return more + n * size;
}

/**
 * conf_file_new() - keep a file's name
 * @conf: the lists
 * @path: its name
 * @ret: receives the name that lives as long as @conf
 *
 * Returns 0 or -ENOMEM.
 */
int conf_file_new(struct conf *conf, const char *path, const char **ret)
{
	char *copy = strdup(path), **place;

	place = copy ? list_add((void **)&conf->files, conf->n_files, sizeof(*place)) : NULL;
	if (!place) {
		free(copy);
		return -ENOMEM;
	}
	*place = copy;
	*ret = copy;
	conf->n_files++;
	return 0;
}

/**
 * conf_rule_new() - keep a rule
 * @conf: the lists
 * @rule: the rule; its section is @conf's after success
 *
 * Returns 0 or -ENOMEM.
 */
int conf_rule_new(struct conf *conf, const struct conf_rule *rule)
{
	struct conf_rule *place = list_add((void **)&conf->rules, conf->n_rules, sizeof(*place));

	if (!place)
		return -ENOMEM;
	*place = *rule;
	conf->n_rules++;
	return 0;
}

/* NULL of NULL. */
static int words_copy(const char *words, char **ret)
{
	*ret = words ? strdup(words) : NULL;
	if (words && !*ret)
		return -ENOMEM;
	return 0;
}

static void error_free(struct conf_error *error)
{
	free(error->section);
	free(error->key);
	free(error->text);
}

/**
 * conf_error_new() - keep an error
 * @conf: the lists
 * @error: the error; its texts are copied
 *
 * Returns 0 or -ENOMEM.
 */
int conf_error_new(struct conf *conf, const struct conf_error *error)
{
	struct conf_error copy = { .file = error->file, .line = error->line }, *place = NULL;
	int r;

	if (conf->n_errors == ERRORS_MAX) {
		conf->more_errors++;
		return 0;
	}
	r = words_copy(error->section, &copy.section);
	if (r == 0)
		r = words_copy(error->key, &copy.key);
	if (r == 0)
		r = words_copy(error->text, &copy.text);
	if (r == 0)
		place = list_add((void **)&conf->errors, conf->n_errors, sizeof(*place));
	if (!place) {
		error_free(&copy);
		return -ENOMEM;
	}
	*place = copy;
	conf->n_errors++;
	return 0;
}

/** conf_error_for_all() - conf_error_new() of what may concern any disk. */
int conf_error_for_all(struct conf *conf, const struct conf_error *error)
{
	if (!conf->broken && error->line)
		snprintf(conf->broken_why, sizeof(conf->broken_why), "%s:%u cannot be understood",
			 error->file, error->line);
	else if (!conf->broken)
		snprintf(conf->broken_why, sizeof(conf->broken_why), "%s cannot be read",
			 error->file);
	conf->broken = true;
	return conf_error_new(conf, error);
}

/** conf_free() - forget all that was read. */
void conf_free(struct conf *conf)
{
	for (size_t i = 0; i < conf->n_files; i++)
		free(conf->files[i]);
	for (size_t i = 0; i < conf->n_rules; i++)
		free(conf->rules[i].section);
	for (size_t i = 0; i < conf->n_errors; i++)
		error_free(&conf->errors[i]);
	free(conf->files);
	free(conf->rules);
	free(conf->errors);
	*conf = (struct conf){ 0 };
}

/** conf_asks() - whether any rule names disks in this way. */
bool conf_asks(const struct conf *conf, enum conf_kind kind)
{
	for (size_t i = 0; i < conf->n_rules; i++)
		if (conf->rules[i].kind == kind)
			return true;
	return false;
}

/**
 * conf_error_text() - an error with its place
 * @error: the error
 * @buf: receives "FILE:LINE: [section] key: what is wrong and what would be right"
 *
 * Returns @buf.
 */
const char *conf_error_text(const struct conf_error *error, char buf[CONF_ERROR_TEXT])
{
	char line[16] = "";

	if (error->line)
		snprintf(line, sizeof(line), ":%u", error->line);
	snprintf(buf, CONF_ERROR_TEXT, "%s%s: %s%.200s%s%.100s%s%s", error->file, line,
		 error->section ? "[" : "", error->section ? error->section : "",
		 error->section ? "] " : "", error->key ? error->key : "", error->key ? ": " : "",
		 error->text);
	/* A file's name may have anything, too. */
	return text_clean(buf);
}
