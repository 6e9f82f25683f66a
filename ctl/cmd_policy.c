// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl policy: what the configuration says of each disk, a row a key. It does without
 * the module, and without root as far as its rules ask for nothing that only root can read.
 *
 *   {"policy": [ROW...]}
 *
 *   disk      its name
 *   key       "mode", "max", "keep-free", "min-step", "align"
 *   value     as the configuration has it, always a string: "auto"; a size in bytes, as
 *             "1258291200", "0" where there is no limit; a share of the disk, as "10%"
 *   in_force  the value that the module has; null where none is known
 *   from      "FILE:LINE [section]", "module's parameter" or "default"
 *   why       of mode: it is ask at most, for this reason; of a rule's limit: it does not
 *             count, for this one; else null
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libsmartcols.h>

#include "cmd.h"
#include "conf.h"
#include "disks.h"
#include "hold.h"
#include "in_force.h"
#include "listing.h"
#include "nl_disk.h"
#include "policy.h"
#include "policy_await.h"
#include "policy_set.h"
#include "sysfs.h"

/* Room for the place of a rule. */
#define FROM_TEXT 768

enum { COL_DISK, COL_KEY, COL_VALUE, COL_IN_FORCE, COL_FROM, COL_WHY, COL_COUNT };

static const struct {
	const char *heading, *key;
} columns[COL_COUNT] = {
	[COL_DISK] = { "DISK", "disk" },    [COL_KEY] = { "KEY", "key" },
	[COL_VALUE] = { "VALUE", "value" }, [COL_IN_FORCE] = { "IN-FORCE", "in_force" },
	[COL_FROM] = { "FROM", "from" },    [COL_WHY] = { "WHY", "why" },
};

/**
 * struct listing - the table while it is made
 * @any_why: of any key there is something to say
 * @late: of any disk the module has another value
 * @n: disks in it
 */
struct listing {
	bool json, any_why, late;
	struct conf conf;
	struct libscols_table *table;
	size_t n;
};

static const char *from_text(enum policy_key key, const struct policy *policy, char buf[FROM_TEXT])
{
	const struct policy_value *value = &policy->values[key];

	if (!value->file)
		return key == POLICY_MODE && policy->of_module ? "module's parameter" : "default";
	snprintf(buf, FROM_TEXT, "%s:%u [%s]", value->file, value->line, value->section);
	return buf;
}

static void value_text(const struct listing *l, enum policy_key key,
		       const struct policy_value *value, char buf[POLICY_VALUE_TEXT])
{
	if (l->json && key != POLICY_MODE && !value->per_cent)
		snprintf(buf, POLICY_VALUE_TEXT, "%" PRIu64, value->number);
	else
		policy_value_text(key, value, buf);
}

/* People are told where it is another one, programs whatever it is. */
static const char *in_force_text(struct listing *l, const struct record *disk, enum policy_key key,
				 const struct policy *policy, char buf[POLICY_VALUE_TEXT])
{
	struct policy_value value;
	bool other = in_force_other(disk, policy, key, &value);

	l->late |= other;
	if (!other && !(l->json && in_force_known(disk)))
		return NULL;
	value_text(l, key, &value, buf);
	return buf;
}

/* A limit that nothing is there for; to have none is none. */
static bool is_idle(const char *disk, enum policy_key key, const struct policy_value *value)
{
	return key != POLICY_MODE && value->file && value->number && !disk_has_partitions(disk);
}

static int row_add(struct listing *l, const struct record *disk, enum policy_key key,
		   const struct policy *policy)
{
	struct libscols_line *row = scols_table_new_line(l->table, NULL);
	char value[POLICY_VALUE_TEXT], now[POLICY_VALUE_TEXT], from[FROM_TEXT];
	char why[POLICY_WHY + 16];
	const char *texts[COL_COUNT] = {
		[COL_DISK] = disk->disk,
		[COL_KEY] = policy_key_name(key),
		[COL_VALUE] = value,
		[COL_IN_FORCE] = in_force_text(l, disk, key, policy, now),
		[COL_FROM] = from_text(key, policy, from),
	};
	int r = row ? 0 : -ENOMEM;

	value_text(l, key, &policy->values[key], value);
	if (key == POLICY_MODE && policy->held) {
		snprintf(why, sizeof(why), "ask at most: %s", policy->why);
		texts[COL_WHY] = why;
	} else if (is_idle(disk->disk, key, &policy->values[key])) {
		texts[COL_WHY] = "does not count: the disk has no partition";
	}
	l->any_why |= texts[COL_WHY] != NULL;
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		r = texts[i] ? scols_line_set_data(row, i, texts[i]) : 0;
	return r;
}

static int disk_add(struct listing *l, const struct record *disk)
{
	struct policy policy;
	int r = policy_of_disk(&l->conf, disk->disk, &policy);

	for (int key = 0; r == 0 && key < POLICY_KEYS; key++)
		r = row_add(l, disk, (enum policy_key)key, &policy);
	if (r == 0)
		l->n++;
	return r;
}

/* Those that the module knows, or, where it is not there, those that have a driver. */
static int disks_find(struct record **ret, size_t *ret_n)
{
	struct lg lg;
	int r = lg_open(&lg);

	if (r < 0)
		return disks_without_module(NULL, ret, ret_n);
	r = lg_disk_dump(&lg, ret, ret_n);
	lg_close(&lg);
	return r;
}

static int disks_add(struct listing *l)
{
	struct record *disks;
	size_t n;
	int r = disks_find(&disks, &n);

	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = disk_add(l, &disks[i]);
		/* One that has gone meanwhile. */
		if (r == -ENODEV)
			r = 0;
	}
	free(disks);
	return r;
}

static int table_make(struct listing *l)
{
	int r;

	l->table = scols_new_table();
	if (!l->table)
		return -ENOMEM;
	r = scols_table_set_name(l->table, "policy");
	if (r == 0)
		r = scols_table_enable_json(l->table, l->json);
	for (size_t i = 0; r == 0 && i < COL_COUNT; i++)
		if (!scols_table_new_column(l->table, l->json ? columns[i].key : columns[i].heading,
					    0, 0))
			r = -ENOMEM;
	return r;
}

static int column_hide(struct listing *l, size_t column)
{
	return scols_column_set_flags(scols_table_get_column(l->table, column), SCOLS_FL_HIDDEN);
}

/* To people a column without a word says nothing. */
static int table_print(struct listing *l)
{
	int r = 0;

	if (!l->json && !l->any_why)
		r = column_hide(l, COL_WHY);
	if (r == 0 && !l->json && !l->late)
		r = column_hide(l, COL_IN_FORCE);
	if (r == 0)
		r = listing_print(l->table);
	if (r == 0 && l->late)
		log_line(LOG_WARNING, "not all of it is in force: %s", in_force_remedy());
	return r;
}

/* One that the module does not know, or no longer, may have rules all the same. */
static int one_add(struct listing *l, const char *name)
{
	struct record disk = { 0 };
	struct lg lg;

	if (strlen(name) >= sizeof(disk.disk))
		return -ENODEV;
	if (lg_open(&lg) == 0) {
		if (lg_disk_get(&lg, name, &disk) < 0)
			disk = (struct record){ 0 };
		lg_close(&lg);
	}
	snprintf(disk.disk, sizeof(disk.disk), "%s", name);
	return disk_add(l, &disk);
}

static int policies_show(struct listing *l, const char *disk)
{
	int r = table_make(l);

	if (r == 0)
		r = disk ? one_add(l, disk) : disks_add(l);
	if (r == 0 && (l->n || l->json))
		r = table_print(l);
	else if (r == 0)
		puts("there is no disk");
	scols_unref_table(l->table);
	return r;
}

/* At boot, before the module is loaded. */
static int hold(void)
{
	struct conf conf;
	int r = conf_read("", &conf);

	if (r == 0) {
		r = hold_write(&conf);
		conf_free(&conf);
	}
	if (r < 0)
		log_line(LOG_ERR, "cannot have the module wait for the policies: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_DONE;
}

/* After a reload of the daemon. Without the module there is nothing to wait for. */
static int wait_for_all(void)
{
	int r = policy_await(NULL);

	if (r == 0 || r == -ENOENT)
		return EXIT_DONE;
	if (r == -ETIMEDOUT)
		log_line(LOG_ERR, "not all of it is in force after %d s; 'growctl policy' shows it",
			 POLICY_AWAIT_SECONDS);
	else
		log_line(LOG_ERR, "cannot tell whether it is in force: %s", strerror(-r));
	return r == -ETIMEDOUT ? EXIT_TIMEOUT : EXIT_FAILED;
}

/** cmd_policy() - show how disks may grow, or set it for one; returns an exit code. */
int cmd_policy(const struct options *opt)
{
	struct listing l = { .json = opt->given & OPT_JSON };
	const struct lg none = { 0 };
	int r;

	if (opt->hold)
		return hold();
	if (opt->await)
		return wait_for_all();
	if (opt->words)
		return policy_set(opt->disk, opt->words, opt->n_words);
	r = conf_read("", &l.conf);
	if (r == 0) {
		cmd_complain_conf(&l.conf);
		r = policies_show(&l, opt->disk);
		conf_free(&l.conf);
	}
	if (r == 0)
		return EXIT_DONE;
	if (opt->disk)
		return cmd_complain_disk(&none, opt->disk, r);
	log_line(LOG_ERR, "cannot list the policies: %s", strerror(-r));
	return EXIT_FAILED;
}
