// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl policy set: a rule for one disk in a file of its own,
 *
 *   /etc/growctl.conf.d/policy-SERIAL.conf
 *   /etc/growctl.conf.d/policy-name-NAME.conf   where the disk has no serial
 *
 * in which what is not letter, digit, "-", "_" or "." is %XX.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "cmd.h"
#include "conf.h"
#include "conf_put.h"
#include "facts.h"
#include "hold.h"
#include "policy.h"
#include "policy_await.h"
#include "policy_set.h"
#include "reload.h"
#include "sysfs.h"

#define PREFIX "policy-"
#define BY_NAME "name-"
/* Each byte may become three. */
#define FILE_NAME (sizeof(PREFIX BY_NAME CONF_SUFFIX) + 3 * SERIAL_SIZE)
#define PATH_TEXT (sizeof(CONF_DIR) + FILE_NAME)
#define FILE_TEXT 1024

/**
 * struct setting - one disk's rule while it is changed
 * @said: the keys that were named
 * @values: of the named keys, the value; not given where the key is to go
 * @kind: what the section names the disk by
 * @text: the section's
 * @name: the file's
 * @path: with its folder
 */
struct setting {
	const char *disk;
	bool said[POLICY_KEYS];
	struct policy_value values[POLICY_KEYS];
	enum conf_kind kind;
	char text[SERIAL_SIZE];
	char name[FILE_NAME], path[PATH_TEXT];
};

static int word_take(struct setting *s, const char *word)
{
	size_t n = strcspn(word, "=");
	char name[32];
	enum policy_key key;

	snprintf(name, sizeof(name), "%.*s", n < sizeof(name) ? (int)n : 31, word);
	if (!word[n] || policy_key_find(name, &key) < 0) {
		log_line(LOG_ERR,
			 "%s: say KEY=VALUE, where KEY is mode, max, keep-free, min-step or align",
			 word);
		return EXIT_USAGE;
	}
	s->said[key] = true;
	s->values[key] = (struct policy_value){ 0 };
	if (!word[n + 1] || policy_value_parse(key, word + n + 1, &s->values[key]) == 0)
		return 0;
	log_line(LOG_ERR, "%s: not '%s', but %s; or nothing, to remove the key", name, word + n + 1,
		 policy_key_wants(key));
	return EXIT_USAGE;
}

/* A serial that begins like a name gets another file than the disk of that name. */
static void file_name(struct setting *s)
{
	size_t n = (size_t)snprintf(s->name, FILE_NAME, PREFIX "%s",
				    s->kind == CONF_NAME ? BY_NAME : "");
	bool escape = s->kind == CONF_SERIAL && !strncmp(s->text, BY_NAME, strlen(BY_NAME));

	for (const char *p = s->text; *p; p++) {
		bool plain = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-_.",
				    *p) != NULL;

		n += (size_t)snprintf(s->name + n, FILE_NAME - n,
				      plain && !escape ? "%c" : "%%%02X", (unsigned char)*p);
		escape = false;
	}
	snprintf(s->name + n, FILE_NAME - n, CONF_SUFFIX);
	snprintf(s->path, sizeof(s->path), CONF_DIR "/%s", s->name);
}

static int disk_take(struct setting *s)
{
	const struct lg none = { 0 };
	struct volume v;
	int r = volume_read(s->disk, &v);

	if (r == 0)
		r = serial_read(s->disk, s->text);
	if (r < 0)
		return cmd_complain_disk(&none, s->disk, r);
	s->kind = s->text[0] ? CONF_SERIAL : CONF_NAME;
	if (s->kind == CONF_NAME)
		snprintf(s->text, sizeof(s->text), "%s", s->disk);
	file_name(s);
	return 0;
}

static bool is_own(const struct setting *s, const struct conf_rule *rule)
{
	return rule->kind == s->kind && !strcmp(rule->text, s->text);
}

/* The keys that the file has already, and that were not named now. */
static int old_take(struct setting *s)
{
	char text[CONF_ERROR_TEXT];
	struct conf conf = { 0 };
	int r = conf_add_file(&conf, s->path);

	if (r == 0 && conf.n_errors) {
		log_line(LOG_ERR, "%s; mend or remove that first",
			 conf_error_text(&conf.errors[0], text));
		r = -EUCLEAN;
	}
	for (size_t i = 0; r == 0 && i < conf.n_rules; i++) {
		if (!is_own(s, &conf.rules[i])) {
			log_line(LOG_ERR,
				 "%s has a section for others, [%s]; move it elsewhere first",
				 s->path, conf.rules[i].section);
			r = -EUCLEAN;
		}
		for (int key = 0; r == 0 && key < POLICY_KEYS; key++)
			if (!s->said[key] && conf.rules[i].values[key].given)
				s->values[key] = conf.rules[i].values[key];
	}
	conf_free(&conf);
	return r;
}

/* Returns the length of the text, 0 where no key is left. */
static size_t text_make(const struct setting *s, char text[FILE_TEXT])
{
	char value[POLICY_VALUE_TEXT];
	bool any = false;
	size_t n =
		(size_t)snprintf(text, FILE_TEXT,
				 "# Written by 'growctl policy set', which keeps the keys but not "
				 "comments.\n# See growctl.conf(5).\n[%s=%s]\n",
				 conf_kind_name(s->kind), s->text);

	for (int key = 0; key < POLICY_KEYS; key++) {
		if (!s->values[key].given)
			continue;
		any = true;
		policy_value_text((enum policy_key)key, &s->values[key], value);
		n += (size_t)snprintf(text + n, FILE_TEXT - n, "%s = %s\n",
				      policy_key_name((enum policy_key)key), value);
	}
	return any ? n : 0;
}

/* Whether it would be read as it is meant: a serial may have what a section cannot. */
static int text_check(const struct setting *s, const char *text, size_t len)
{
	struct conf conf = { 0 };
	int r = conf_add_text(&conf, s->path, text, len);

	if (r == 0 && (conf.n_errors || conf.n_rules != 1 || !is_own(s, &conf.rules[0])))
		r = -EINVAL;
	conf_free(&conf);
	if (r == -EINVAL)
		log_line(LOG_ERR,
			 "%s: its %s, '%s', cannot stand in a section; write a rule by hand, as "
			 "[link=...] in " CONF_FILE,
			 s->disk, conf_kind_name(s->kind), s->text);
	return r;
}

/* -EUCLEAN and -EINVAL were told where they were found. */
static int file_change(struct setting *s, int folder, size_t *ret_len)
{
	char text[FILE_TEXT];
	int r = old_take(s);

	if (r < 0)
		return r;
	*ret_len = text_make(s, text);
	if (!*ret_len)
		return conf_drop(folder, s->name);
	r = text_check(s, text, *ret_len);
	return r < 0 ? r : conf_put(folder, s->name, text, *ret_len);
}

static int file_write(struct setting *s, size_t *ret_len)
{
	int r, folder = conf_folder_open();

	r = folder < 0 ? folder : file_change(s, folder, ret_len);
	if (folder >= 0)
		close(folder);
	if (r == -EACCES || r == -EPERM)
		log_line(LOG_ERR, "%s: not permitted; run growctl as root", s->path);
	else if (r < 0 && r != -EUCLEAN && r != -EINVAL)
		log_line(LOG_ERR, "%s: cannot write it: %s", s->path, strerror(-r));
	return r;
}

static void written_tell(const struct setting *s, size_t len)
{
	char value[POLICY_VALUE_TEXT];

	if (!len) {
		printf("%s: no key is left; %s is removed\n", s->disk, s->path);
		return;
	}
	printf("%s: written to %s: [%s=%s]", s->disk, s->path, conf_kind_name(s->kind), s->text);
	for (int key = 0; key < POLICY_KEYS; key++)
		if (s->values[key].given)
			printf(" %s=%s", policy_key_name((enum policy_key)key),
			       policy_value_text((enum policy_key)key, &s->values[key], value));
	putchar('\n');
}

/* No file has it so. */
static bool is_off_by_module(const struct policy *policy)
{
	const struct policy_value *mode = &policy->values[POLICY_MODE];

	return policy->of_module && mode->number == LIVEGROW_MODE_OFF && !mode->file;
}

/* What was said is one thing, what holds another. */
static void others_tell(const struct setting *s, const struct policy *policy)
{
	for (int key = 0; key < POLICY_KEYS; key++) {
		const struct policy_value *value = &policy->values[key];
		const char *name = policy_key_name((enum policy_key)key);

		if (!s->said[key] || !value->file || !strcmp(value->file, s->path))
			continue;
		if (s->values[key].given)
			log_line(LOG_WARNING, "%s: %s:%u [%s] comes later and overrides %s",
				 s->disk, value->file, value->line, value->section, name);
		else
			log_line(LOG_WARNING, "%s: %s:%u [%s] still has %s", s->disk, value->file,
				 value->line, value->section, name);
	}
	if (s->said[POLICY_MODE] && s->values[POLICY_MODE].given && is_off_by_module(policy))
		log_line(LOG_WARNING,
			 "%s: the module's parameter has mode=off, which is stronger; 'growctl "
			 "doctor' says what to do about it",
			 s->disk);
	if (policy->held)
		log_line(LOG_WARNING, "%s: mode ask at most: %s", s->disk, policy->why);
}

/* A filesystem on all of a disk takes all that the disk has. */
static void limits_tell(const struct setting *s)
{
	bool any = false;

	for (int key = 0; key < POLICY_KEYS; key++)
		any |= key != POLICY_MODE && s->said[key] && s->values[key].given;
	if (any && !disk_has_partitions(s->disk))
		log_line(LOG_WARNING,
			 "%s: has no partition, and nothing else is limited: mode alone counts for "
			 "a filesystem on all of it",
			 s->disk);
}

static int policy_check(const struct setting *s)
{
	struct policy policy;
	struct conf conf;
	int r = conf_read("", &conf);

	if (r < 0)
		return r;
	r = policy_of_disk(&conf, s->disk, &policy);
	if (r == 0)
		others_tell(s, &policy);
	if (r == 0)
		limits_tell(s);
	if (r == 0)
		r = hold_write(&conf);
	conf_free(&conf);
	return r;
}

/* A host may enlarge the disk as soon as this returns. */
static int await_tell(const char *disk)
{
	int r = policy_await(disk);

	if (r == 0 || r == -ENOENT) {
		puts(r ? "the daemon takes it up" : "the daemon has taken it up");
		return EXIT_DONE;
	}
	if (r == -ETIMEDOUT) {
		log_line(LOG_ERR,
			 "%s: not in force after %d s, since the daemon does not answer: see "
			 "systemctl status growctl",
			 disk, POLICY_AWAIT_SECONDS);
		return EXIT_TIMEOUT;
	}
	log_line(LOG_ERR, "%s: cannot tell whether it is in force: %s", disk, strerror(-r));
	return EXIT_FAILED;
}

static int reload_tell(const char *disk)
{
	int r = policy_reload();

	if (r < 0) {
		log_line(LOG_ERR, "the daemon could not be told: %s; systemctl restart growctl",
			 r == -EOPNOTSUPP ? "one of an older version runs" : strerror(-r));
		return EXIT_FAILED;
	}
	if (r)
		return await_tell(disk);
	puts("no daemon runs: it holds from its start on (systemctl start growctl)");
	return EXIT_DONE;
}

/**
 * policy_set() - write a disk's rule
 * @disk: the disk's name
 * @words: "KEY=VALUE", or "KEY=" to remove the key
 * @n: their number
 *
 * Keys that the rule has already and that are not named stay. If a daemon runs and the module
 * is loaded, the rule is in force when this returns EXIT_DONE.
 *
 * Returns an exit code.
 */
int policy_set(const char *disk, char **words, size_t n)
{
	struct setting s = { .disk = disk };
	size_t len = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = word_take(&s, words[i]);
	if (r == 0)
		r = disk_take(&s);
	if (r)
		return r;
	if (file_write(&s, &len) < 0)
		return EXIT_FAILED;
	written_tell(&s, len);
	r = policy_check(&s);
	if (r < 0)
		log_line(LOG_WARNING, "%s: cannot tell what other rules say, or have it hold: %s",
			 disk, strerror(-r));
	return reload_tell(disk);
}
