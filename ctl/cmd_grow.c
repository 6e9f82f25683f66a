// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl grow: a person says that a disk is to grow, now. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include <libmount.h>

#include <linux/livegrow.h>

#include "above.h"
#include "advice.h"
#include "answer.h"
#include "cmd.h"
#include "conf.h"
#include "follow.h"
#include "foreign.h"
#include "grow.h"
#include "lock.h"
#include "look.h"
#include "names.h"
#include "recover.h"

/* A person's word; what the partition holds is not a matter of it. */
#define PERSON (LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_FREE_TAIL)
/* A request for all disks leaves out what the user may not know of: such a disk must be named. */
#define PERSON_ALL LIVEGROW_FLAG_ASKED
/* Of a script at boot, for a disk that is not in use yet; all else is as in mode auto. */
#define AUTOMATIC LIVEGROW_FLAG_UNUSED

/* Room for why not, in words. */
#define REFUSAL_TEXT 384

/**
 * grow_is_refused() - how the look ended, in the terms of an exit code
 * @g: the disk after it
 *
 * A dry run that found something to do waits without a reason.
 */
bool grow_is_refused(const struct grow *g)
{
	struct volume last;

	switch (g->after.state) {
	case LIVEGROW_STATE_FULL:
	case LIVEGROW_STATE_UNKNOWN:
	case LIVEGROW_STATE_GROWING:
		return false;
	case LIVEGROW_STATE_NO_TABLE:
		return !g->any_fs;
	case LIVEGROW_STATE_WAITING:
		/* What the bounds leave, as the look after that finds it. */
		if (g->look.bounds && g->after.reason == LIVEGROW_REASON_FREE_TAIL)
			return false;
		return !g->plan || g->after.reason != LIVEGROW_REASON_NONE;
	default:
		/* Another tool has grown the partition. */
		return !foreign_full(&g->after, &last);
	}
}

static void partition_tell(struct grow *g)
{
	uint64_t old = g->look.part_old_size, new = g->after.part_size;
	char name[NAME_SIZE + 12], words[SIZES_TEXT];

	partition_name(g->look.disk, g->after.part, name, sizeof(name));
	if (g->after.part && old && new > old)
		printf("%s: grown %s\n", name, sizes_words(old, new, words));
	else if (g->look.table_updated)
		printf("%s: the table was made to fit the disk\n", g->look.disk);
	else
		return;
	g->changed = true;
}

static void tell(const struct grow *g, const char *step, const char *text)
{
	if (g->plan)
		plan_row_words(g->plan, g->look.disk, step, text);
	else
		printf("%s: %s\n", g->look.disk, text);
}

/**
 * grow_refuse() - say that something is not done: in the plan, or as an error
 * @g: the disk
 * @device: the disk, or a partition of it
 * @text: why
 */
void grow_refuse(const struct grow *g, const char *device, const char *text)
{
	if (g->plan)
		plan_row_words(g->plan, device, "refused", text);
	else
		log_line(LOG_ERR, "%s: %s", device, text);
}

static void refusal_tell(const struct grow *g)
{
	const struct record *disk = &g->after;
	char text[REFUSAL_TEXT];

	if (disk->state == LIVEGROW_STATE_NO_TABLE)
		snprintf(text, sizeof(text),
			 "neither a partition table nor a mounted filesystem to grow");
	else
		snprintf(text, sizeof(text), "%s: %s%s", name_of_state(disk->state),
			 record_reason(disk),
			 disk->reason == LIVEGROW_REASON_PART_CONTENT ?
				 ", and nothing is found on it that is known to grow" :
				 "");
	grow_refuse(g, g->look.disk, text);
}

static uint32_t flags_of(const struct grow *g)
{
	uint32_t word = g->automatic ? AUTOMATIC : PERSON;

	if (g->all)
		word = g->automatic ? 0 : PERSON_ALL;
	return word | (g->plan ? LIVEGROW_FLAG_DRY_RUN : 0);
}

static struct answer answer_now(const struct grow *g)
{
	struct answer answer = { 0 };
	struct libmnt_table *mounts;

	if (mounts_read(&mounts) == 0) {
		answer = answer_find(mounts, &g->after, g->volumes, g->n_volumes,
				     !g->automatic && !g->all);
		mnt_unref_table(mounts);
	}
	return answer;
}

/*
 * The module grows a partition on request whatever it holds. A request for all disks names no
 * partition, so each must also be one that may grow without a request.
 */
static int look_of_all(struct grow *g, uint32_t flags, bool *ret_passed)
{
	struct libmnt_table *mounts;
	int r = look_ask(&g->look, flags | LIVEGROW_FLAG_DRY_RUN, &g->after);

	if (r < 0 || g->after.state != LIVEGROW_STATE_WAITING ||
	    g->after.reason != LIVEGROW_REASON_NONE)
		return r;
	r = mounts_read(&mounts);
	if (r < 0)
		return r;
	*ret_passed = answer_refuses_unasked(mounts, &g->after, g->volumes, g->n_volumes);
	mnt_unref_table(mounts);
	return 0;
}

static int look(struct grow *g)
{
	uint32_t flags = flags_of(g);
	struct answer answer;
	bool passed = false;
	int r = 0;

	if (flags & LIVEGROW_FLAG_ASKED && g->all)
		r = look_of_all(g, flags, &passed);
	if (r < 0 || passed)
		return r;
	r = look_ask(&g->look, flags, &g->after);
	if (r < 0)
		return r;
	answer = answer_now(g);
	if (answer.flags)
		r = look_ask(&g->look, flags | answer.flags, &g->after);
	else
		answer_put(&answer, &g->after);
	return r == 0 && g->plan ? grow_plan(g, flags | answer.flags) : r;
}

/* A command for all disks names none whose last partition is not to grow by itself. */
static bool is_passed_over(const struct grow *g)
{
	if (!g->all)
		return false;
	if (g->after.state == LIVEGROW_STATE_NO_TABLE)
		return !g->any_fs;
	if (g->after.state == LIVEGROW_STATE_UNUSED)
		return true;
	switch (g->after.reason) {
	case LIVEGROW_REASON_FREE_TAIL:
	case LIVEGROW_REASON_NOT_GPT:
	case LIVEGROW_REASON_PART_CONTENT:
	case LIVEGROW_REASON_PART_UNKNOWN:
	case LIVEGROW_REASON_PART_CLOSED:
	case LIVEGROW_REASON_MOUNTED_READ_ONLY:
		return true;
	default:
		return false;
	}
}

/* Nor of these, and a look that a person asks for makes the module forget that a disk shrank. */
static bool is_out_of_reach(const struct record *disk)
{
	return disk->state == LIVEGROW_STATE_OFF || disk->state == LIVEGROW_STATE_UNMANAGED ||
	       disk->state == LIVEGROW_STATE_SHRUNK;
}

/* Find the tool that grows the content where growctl does not. */
static void others_find(const struct grow *g, struct above *ret)
{
	char name[NAME_SIZE + 12];
	struct libmnt_table *mounts;
	struct volume v;
	struct fs fs;

	*ret = (struct above){ 0 };
	partition_name(g->look.disk, g->after.part, name, sizeof(name));
	if (volume_read(name, &v) < 0 || mounts_read(&mounts) < 0)
		return;
	if (fs_open(mounts, &v, &fs) == 0)
		fs_close(&fs);
	else
		above_find(mounts, &v, ret);
	mnt_unref_table(mounts);
	if (!ret->advice[0])
		advice_offline(&v, ret->advice);
}

static void nothing_tell(const struct grow *g)
{
	char text[REFUSAL_TEXT];
	struct above above;

	if (g->after.reason == LIVEGROW_REASON_NONE) {
		others_find(g, &above);
		snprintf(text, sizeof(text), "nothing to do%s%s", above.advice[0] ? "; " : "",
			 above.advice);
		tell(g, "nothing", text);
		return;
	}
	snprintf(text, sizeof(text), "nothing to do: %s", record_reason(&g->after));
	tell(g, "nothing", text);
}

static int verdict(struct grow *g)
{
	bool passed_over = is_passed_over(g);
	char text[REFUSAL_TEXT];

	if (passed_over) {
		snprintf(text, sizeof(text), "left alone: %s: %s", name_of_state(g->after.state),
			 record_reason(&g->after));
		tell(g, "nothing", text);
	} else if (grow_is_refused(g)) {
		refusal_tell(g);
		return EXIT_FAILED;
	}
	if (g->failed)
		return EXIT_FAILED;
	if (g->changed)
		return EXIT_DONE;
	if (!passed_over)
		nothing_tell(g);
	return EXIT_NOTHING;
}

/* Whether the dry run, or the refusal, ends here: what follows has no table yet. */
static int recover(struct grow *g, bool *ret_ends)
{
	enum recovery what;
	int r = recover_primary(&g->look, flags_of(g), &what);

	if (r == 0 && g->plan && what == RECOVERY_REFUSED)
		plan_row_words(g->plan, g->look.disk, "refused", "not to be recovered");
	if (r == 0 && what == RECOVERY_WOULD)
		plan_row_words(g->plan, g->look.disk, name_of_step(LIVEGROW_STEP_RECOVER_HEADER),
			       "the primary GPT would be recovered");
	*ret_ends = r == 0 && (what == RECOVERY_WOULD || what == RECOVERY_REFUSED);
	g->failed |= what == RECOVERY_REFUSED;
	g->changed |= what == RECOVERY_DONE;
	return r;
}

/* A user who names a partition wants only that one to grow, not one created after it since. */
static int partition_check(struct grow *g, bool *ret_ends)
{
	char name[NAME_SIZE + 12], last[NAME_SIZE + 12], text[REFUSAL_TEXT];
	int r = look_ask(&g->look, flags_of(g) | LIVEGROW_FLAG_DRY_RUN, &g->after);

	if (r < 0 || !g->after.part || g->after.part == g->number)
		return r;
	partition_name(g->look.disk, g->number, name, sizeof(name));
	partition_name(g->look.disk, g->after.part, last, sizeof(last));
	snprintf(text, sizeof(text), "only the last partition of %s can grow, which is %s",
		 g->look.disk, last);
	grow_refuse(g, name, text);
	g->failed = true;
	*ret_ends = true;
	return 0;
}

static int table(struct grow *g, bool *ret_ends)
{
	int r = g->recover ? recover(g, ret_ends) : 0;

	if (r < 0 || *ret_ends)
		return r;
	r = volumes_of_disk(g->look.disk, &g->volumes, &g->n_volumes);
	if (r == 0 && !g->plan)
		r = grow_fs_note(g);
	if (r == 0 && g->number)
		r = partition_check(g, ret_ends);
	return r < 0 || *ret_ends ? r : look(g);
}

/* Filesystems grow without the lock: udev waits for it, and some take long. */
static int table_locked(struct grow *g, bool *ret_ends)
{
	int r, lock = disk_lock(g->look.disk);

	if (lock < 0)
		return lock;
	r = table(g, ret_ends);
	close(lock);
	return r;
}

/* The module has its own word on the parameter's off. */
static bool policy_forbids(struct grow *g, const struct policy *policy)
{
	const struct policy_value *mode = &policy->values[POLICY_MODE];
	char text[REFUSAL_TEXT];

	if (mode->number != LIVEGROW_MODE_OFF || !mode->file)
		return false;
	snprintf(text, sizeof(text), "off: the mode is off by %s:%u [%s]", mode->file, mode->line,
		 mode->section);
	grow_refuse(g, g->look.disk, text);
	g->failed = true;
	return true;
}

/*
 * The daemon may not have sent the policy to the module yet, and an initramfs has no daemon.
 * The command line takes precedence over the configuration.
 */
static int policy_take(struct grow *g, const struct conf *conf, bool *ret_ends)
{
	struct policy policy;
	int r = policy_of_disk(conf, g->look.disk, &policy);

	if (r < 0)
		return r;
	g->rules = rules_of(&policy);
	if (!g->look.bounds)
		g->look.bounds = rules_bounds(&g->rules);
	*ret_ends = policy_forbids(g, &policy);
	if (*ret_ends || !g->automatic || g->plan)
		return 0;
	return deliver(g->look.lg, g->look.disk, &g->rules, NULL, 0);
}

static int grow(struct grow *g, const struct conf *conf)
{
	bool ends = false;
	int r = policy_take(g, conf, &ends);

	if (r == 0 && !ends)
		r = g->plan ? table(g, &ends) : table_locked(g, &ends);
	if (r < 0)
		return cmd_complain_disk(g->look.lg, g->look.disk, r);
	if (ends)
		return g->failed ? EXIT_FAILED : EXIT_DONE;
	if (!g->plan)
		partition_tell(g);
	if (follow_allowed(&g->after))
		r = grow_fs_all(g);
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot look for its filesystems: %s", g->look.disk,
			 strerror(-r));
		return EXIT_FAILED;
	}
	return verdict(g);
}

/* Returns an exit code. */
static int grow_one(const struct look *look, const struct options *opt, const struct conf *conf,
		    const char *disk, struct plan_table *plan)
{
	struct grow g = {
		.look = *look,
		.number = opt->target.number,
		.all = opt->given & OPT_ALL,
		.plan = plan,
		.recover = opt->given & OPT_RECOVER,
		.automatic = opt->given & OPT_AUTO,
	};
	int r;

	g.look.disk = disk;
	g.look.bounds = options_bounds(opt);
	g.bounded = g.look.bounds;
	r = grow(&g, conf);
	free(g.volumes);
	free(g.was);
	return r;
}

/* A failure counts more than a success, and that more than nothing to do. */
static int outcome(int a, int b)
{
	if (a == EXIT_FAILED || b == EXIT_FAILED)
		return EXIT_FAILED;
	return a == EXIT_DONE || b == EXIT_DONE ? EXIT_DONE : EXIT_NOTHING;
}

static void tell_out_of_reach(const struct record *disk, struct plan_table *plan)
{
	const struct grow g = { .look.disk = disk->disk, .plan = plan };
	char text[REFUSAL_TEXT];

	snprintf(text, sizeof(text), "left alone: %s", name_of_state(disk->state));
	tell(&g, "nothing", text);
}

static int grow_all(const struct look *look, const struct options *opt, const struct conf *conf,
		    struct plan_table *plan)
{
	struct record *disks;
	int ret = EXIT_NOTHING, r;
	size_t n;

	r = lg_disk_dump(look->lg, &disks, &n);
	if (r < 0)
		return cmd_complain_list(look->lg, r);
	for (size_t i = 0; i < n; i++)
		if (is_out_of_reach(&disks[i]))
			tell_out_of_reach(&disks[i], plan);
		else
			ret = outcome(ret, grow_one(look, opt, conf, disks[i].disk, plan));
	free(disks);
	return ret;
}

/**
 * grow_run() - grow a disk, or all, and what is on it
 * @opt: what was said
 * @plan: receives what would be done, and nothing is; or NULL
 *
 * Returns an exit code.
 */
int grow_run(const struct options *opt, struct plan_table *plan)
{
	struct lg lg, events;
	struct look look = { 0 };
	struct conf conf;
	int ret, r = look_open(&look, &lg, &events);

	if (r < 0)
		return cmd_complain_open(r);
	r = conf_read("", &conf);
	if (r < 0) {
		log_line(LOG_ERR, "cannot read the configuration: %s", strerror(-r));
		look_close(&look);
		return EXIT_FAILED;
	}
	cmd_complain_conf(&conf);
	ret = opt->given & OPT_ALL ? grow_all(&look, opt, &conf, plan) :
				     grow_one(&look, opt, &conf, opt->disk, plan);
	conf_free(&conf);
	look_close(&look);
	return ret;
}

/** cmd_grow() - grow a disk, or all, and what is on it; returns an exit code. */
int cmd_grow(const struct options *opt)
{
	return opt->given & OPT_DRY_RUN ? cmd_plan(opt) : grow_run(opt, NULL);
}
