// SPDX-License-Identifier: GPL-2.0-or-later
/* What growctl's rules say together about a disk, and what holds it. */
#include <stdlib.h>
#include <string.h>

#include <linux/livegrow.h>

#include "conf.h"
#include "ktap.h"
#include "match.h"
#include "util.h"

#define AUTO "auto"
#define MIB (1ULL << 20)

/**
 * struct row - rules, and the policy that they give the disk of facts_make()
 * @first: the file "a"
 * @second: the file "b", read after it; or NULL
 * @doubt: of this kind not all is known of the disk; 0 is none
 * @module: the module's mode
 * @mode: what comes of it
 * @max: bytes
 * @from: "FILE:LINE" of the mode, "" where no rule has it
 * @why: a part of what is told where it is held; NULL where it is not
 */
static const struct row {
	const char *name, *first, *second;
	enum conf_kind doubt;
	uint32_t module;
	const char *mode;
	uint64_t max;
	const char *from, *why;
} rows[] = {
	{ .name = "no rules", .first = "", .mode = AUTO },
	{ .name = "no rules, the module's mode ask",
	  .first = "",
	  .module = LIVEGROW_MODE_ASK,
	  .mode = "ask" },
	{ .name = "all disks",
	  .first = "[all]\nmode=off\nmax=5M\n",
	  .mode = "off",
	  .max = 5 * MIB,
	  .from = "a:2" },
	{ .name = "a rule stands above the module's mode",
	  .first = "[all]\nmode=auto\n",
	  .module = LIVEGROW_MODE_ASK,
	  .mode = AUTO,
	  .from = "a:2" },
	{ .name = "its name", .first = "[name=vdb]\nmode=ask\n", .mode = "ask", .from = "a:2" },
	{ .name = "another's name",
	  .first = "[name=vd]\nmode=ask\n[name=vdb1]\nmode=ask\n",
	  .mode = AUTO },
	{ .name = "its serial",
	  .first = "[serial=data-1]\nmode=ask\n",
	  .mode = "ask",
	  .from = "a:2" },
	{ .name = "a link of its own",
	  .first = "[link=virtio-data-1]\nmode=ask\n",
	  .mode = "ask",
	  .from = "a:2" },
	{ .name = "the second of its labels",
	  .first = "[label=MORE]\nmode=ask\n",
	  .mode = "ask",
	  .from = "a:2" },
	{ .name = "its mountpoint",
	  .first = "[mountpoint=/srv]\nmode=ask\n",
	  .mode = "ask",
	  .from = "a:2" },
	{ .name = "a label is no mountpoint",
	  .first = "[label=/srv]\nmode=ask\n[serial=vdb]\nmax=1\n",
	  .mode = AUTO },
	{ .name = "the later rule wins",
	  .first = "[name=vdb]\nmode=off\nmax=1M\n[all]\nmode=ask\n",
	  .mode = "ask",
	  .max = MIB,
	  .from = "a:5" },
	{ .name = "the later file wins, key by key",
	  .first = "[name=vdb]\nmode=off\nmax=1M\n",
	  .second = "[all]\nmax=2M\n",
	  .mode = "off",
	  .max = 2 * MIB,
	  .from = "a:2" },
	{ .name = "a later rule takes a limit back",
	  .first = "[all]\nmax=1M\n",
	  .second = "[name=vdb]\nmax=none\n",
	  .mode = AUTO },
	{ .name = "a rule with a wrong key",
	  .first = "[name=vdb]\nmaxi=20G\n",
	  .mode = "ask",
	  .why = "a:2 [name=vdb] cannot be understood" },
	{ .name = "another disk's rule with a wrong key",
	  .first = "[name=vdc]\nmaxi=20G\n",
	  .mode = AUTO },
	{ .name = "a broken rule does not turn on what is off",
	  .first = "[name=vdb]\nmaxi=20G\nmode=off\n",
	  .mode = "off",
	  .from = "a:3",
	  .why = "a:2 [name=vdb]" },
	{ .name = "no later rule mends a broken one",
	  .first = "[name=vdb]\nmax=x\n",
	  .second = "[name=vdb]\nmax=1M\nmode=auto\n",
	  .mode = "ask",
	  .max = MIB,
	  .from = "b:3",
	  .why = "a:2 [name=vdb]" },
	{ .name = "the rest of a broken rule is taken",
	  .first = "[name=vdb]\nmode=auot\nmax=1M\n",
	  .mode = "ask",
	  .max = MIB,
	  .why = "a:2 [name=vdb]" },
	{ .name = "a section that is nobody knows whose",
	  .first = "[nam=vdc]\nmode=off\n",
	  .mode = "ask",
	  .why = "a:1 cannot be understood" },
	{ .name = "the module's mode off stays",
	  .first = "[nam=vdc]\n",
	  .module = LIVEGROW_MODE_OFF,
	  .mode = "off",
	  .why = "a:1" },
	{ .name = "labels that could not be read",
	  .first = "[label=X]\nmax=1M\n",
	  .doubt = CONF_LABEL,
	  .mode = "ask",
	  .why = "whether [label=X] means it cannot be told: vdb1: I/O error" },
	{ .name = "a label that was found all the same",
	  .first = "[label=DATA]\nmax=1M\n",
	  .doubt = CONF_LABEL,
	  .mode = AUTO,
	  .max = MIB },
	{ .name = "mountpoints that could not be read",
	  .first = "[mountpoint=/x]\nmode=auto\n",
	  .doubt = CONF_MOUNTPOINT,
	  .mode = "ask",
	  .why = "[mountpoint=/x]" },
	{ .name = "what no rule asks for leaves no doubt",
	  .first = "[label=X]\nmax=1M\n",
	  .doubt = CONF_MOUNTPOINT,
	  .mode = AUTO },
	{ .name = "a rule without keys leaves no doubt",
	  .first = "[label=X]\n",
	  .doubt = CONF_LABEL,
	  .mode = AUTO },
	{ .name = "a broken rule that may mean the disk",
	  .first = "[label=X]\nmaxi=1M\n",
	  .doubt = CONF_LABEL,
	  .mode = "ask",
	  .why = "[label=X]" },
};

static struct facts facts_make(enum conf_kind doubt)
{
	struct facts facts = { 0 };

	CHECK_EQ(facts_add(&facts, CONF_NAME, "vdb"), 0);
	CHECK_EQ(facts_add(&facts, CONF_SERIAL, "data-1"), 0);
	CHECK_EQ(facts_add(&facts, CONF_LINK, "virtio-data-1"), 0);
	CHECK_EQ(facts_add(&facts, CONF_LABEL, "DATA"), 0);
	CHECK_EQ(facts_add(&facts, CONF_LABEL, "MORE"), 0);
	CHECK_EQ(facts_add(&facts, CONF_MOUNTPOINT, "/srv"), 0);
	if (doubt)
		facts_doubt(&facts, doubt, "vdb1", "I/O error");
	return facts;
}

static void place_check(const struct policy_value *value, const char *from)
{
	char place[64] = "";

	if (value->file)
		snprintf(place, sizeof(place), "%s:%u", value->file, value->line);
	CHECK(!strcmp(place, from ? from : ""));
}

static void test_row(const struct row *row)
{
	const struct policy_module module = { .mode = row->module, .known = true };
	struct facts facts = facts_make(row->doubt);
	char text[POLICY_VALUE_TEXT];
	struct conf conf = { 0 };
	struct policy policy;

	CHECK_EQ(conf_add_text(&conf, "a", row->first, strlen(row->first)), 0);
	if (row->second)
		CHECK_EQ(conf_add_text(&conf, "b", row->second, strlen(row->second)), 0);
	policy_merge(&conf, &facts, &module, &policy);
	CHECK(!strcmp(policy_value_text(POLICY_MODE, &policy.values[POLICY_MODE], text),
		      row->mode));
	CHECK_EQ(policy.values[POLICY_MAX].number, row->max);
	CHECK_EQ(policy.values[POLICY_ALIGN].number, MIB);
	CHECK_EQ(policy.held, row->why != NULL);
	CHECK(policy.held ? row->why && strstr(policy.why, row->why) : !policy.why[0]);
	CHECK(policy.of_module);
	place_check(&policy.values[POLICY_MODE], row->from);
	facts_free(&facts);
	conf_free(&conf);
	ktap_result("a disk's policy", row->name);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	return ktap_end();
}
