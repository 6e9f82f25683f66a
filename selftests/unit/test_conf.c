// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * growctl's configuration file: what is understood, what is told of the rest, and that
 * nothing which is not understood goes unheard. UNIT_SEED in the environment repeats a run
 * of the pseudo-random test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/livegrow.h>

#include "conf.h"
#include "ktap.h"
#include "util.h"

#define ROUNDS 20000
#define BROKEN true
#define SP50 "                                                  "

/**
 * struct row - a file, and what comes of it
 * @text: the file "f"
 * @len: of @text, where it has NUL bytes
 * @rules: "section@line", and "!line" where it is broken; separated by spaces
 * @errors: one a line
 * @broken: all disks are concerned
 */
static const struct row {
	const char *name, *text;
	size_t len;
	const char *rules, *errors;
	bool broken;
} rows[] = {
	{ .name = "an empty file", .text = "" },
	{ .name = "comments and empty lines", .text = "# one\n; two\n\n \t\n\t# three\n#" },
	{ .name = "each kind of section",
	  .text = "[all]\n[name=vdb]\n[serial=data-1]\n[link=virtio-data-1]\n[label=MY DATA]\n"
		  "[mountpoint=/srv]\n[link=/dev/disk/by-path/x]\n",
	  .rules = "all@1 name=vdb@2 serial=data-1@3 link=virtio-data-1@4 label=MY DATA@5 "
		   "mountpoint=/srv@6 link=/dev/disk/by-path/x@7" },
	{ .name = "spaces in a head mean nothing",
	  .text = "  [ name = vdb ]\t# behind\n[all] ; behind\n",
	  .rules = "name=vdb@1 all@2" },
	{ .name = "slashes at a mountpoint's end mean nothing",
	  .text = "[mountpoint=/srv//]\n[mountpoint=/]\n",
	  .rules = "mountpoint=/srv@1 mountpoint=/@2" },
	{ .name = "a section's name is as long as it takes",
	  .text = "[mountpoint=/a/path/that/is/longer/than/the/forty-nine/bytes/that/inih/keeps]\n",
	  .rules =
		  "mountpoint=/a/path/that/is/longer/than/the/forty-nine/bytes/that/inih/keeps@1" },
	{ .name = "each key",
	  .text = "[all]\nmode=ask\nmax=20G\nkeep-free=10%\nmin-step=1G\nalign=4M\n",
	  .rules = "all@1" },
	{ .name = "lines of DOS", .text = "[all]\r\nmax = 20G\r\n\r\n# x\r\n", .rules = "all@1" },
	{ .name = "a byte order mark", .text = "\xef\xbb\xbf[all]\nmax = 20G\n", .rules = "all@1" },
	{ .name = "no newline at the end",
	  .text = "[all]\nmax = 20X",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] max: not '20X', but a size such as 500M or 20G, or none\n" },
	{ .name = "a comment behind a semicolon",
	  .text = "[all]\nmax = 20G ; as said\n",
	  .rules = "all@1" },
	{ .name = "none behind a number sign",
	  .text = "[all]\nmin-step = 1G # x\n",
	  .rules = "all@1!2",
	  .errors =
		  "f:2: [all] min-step: not '1G # x', but a size such as 500M or 20G, or none\n" },
	{ .name = "a long comment",
	  .text = "[all]\n#" SP50 SP50 SP50 SP50 SP50 "mode = off\nmode = ask\n",
	  .rules = "all@1" },
	{ .name = "an indented line is no part of the value before",
	  .text = "[all]\nmax = 20G\n  mode = ask\n\tmode = x\n",
	  .rules = "all@1!4",
	  .errors = "f:4: [all] mode: not 'x', but auto, ask or off\n" },
	{ .name = "no such key",
	  .text = "[all]\nmaximum = 20G\nmode = ask\n",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] maximum: no such key; there are mode, max, keep-free, min-step and "
		    "align\n" },
	{ .name = "a key's letters are small",
	  .text = "[all]\nMax = 20G\n",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] Max: no such key; there are mode, max, keep-free, min-step and "
		    "align\n" },
	{ .name = "a key without a value",
	  .text = "[all]\n\nmax =\n",
	  .rules = "all@1!3",
	  .errors = "f:3: [all] max: not '', but a size such as 500M or 20G, or none\n" },
	{ .name = "a value without a key",
	  .text = "[all]\n= 20G\n",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] : no such key; there are mode, max, keep-free, min-step and "
		    "align\n" },
	{ .name = "each wrong line is told, and the rest is taken",
	  .text = "[all]\nmax\nmode = ask\nfoo bar\n[name=vdb]\nmax = 1G\n",
	  .rules = "all@1!2 name=vdb@5",
	  .errors = "f:2: [all] neither a section, nor key = value, nor a comment\n"
		    "f:4: [all] neither a section, nor key = value, nor a comment\n" },
	{ .name = "a wrong last line",
	  .text = "[all]\nmax",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] neither a section, nor key = value, nor a comment\n" },
	{ .name = "a key before any section",
	  .text = "max = 20G\n[all]\n",
	  .rules = "all@2",
	  .errors = "f:1: max: a key before any section; say [all] above it\n",
	  .broken = BROKEN },
	{ .name = "nothing before any section",
	  .text = "max\n",
	  .errors = "f:1: neither a section, nor key = value, nor a comment\n",
	  .broken = BROKEN },
	{ .name = "no such kind of section; its keys are nobody's",
	  .text = "[name=vda]\nmax = 1G\n[disk=vdb]\nmax = x\nmode\n[all]\n",
	  .rules = "name=vda@1 all@6",
	  .errors = "f:3: [disk=vdb] no such kind of section; say [all], or as [name=vdb], "
		    "[serial=data-1], [link=virtio-data-1], [label=DATA] or [mountpoint=/srv]\n",
	  .broken = BROKEN },
	{ .name = "a head without its end; its keys are not the section's before",
	  .text = "[name=vda]\n[name=vdb\nmode = auto\n",
	  .rules = "name=vda@1",
	  .errors = "f:2: the section's head has no ] at its end; say as [name=vdb]\n",
	  .broken = BROKEN },
	{ .name = "text behind a head",
	  .text = "[name=vdb] max = 20G\n[label=a]b]\n",
	  .errors = "f:1: [name=vdb] text behind the section's ]; a line ends with it, and nothing "
		    "that a section names has one\n"
		    "f:2: [label=a] text behind the section's ]; a line ends with it, and nothing "
		    "that a section names has one\n",
	  .broken = BROKEN },
	{ .name = "a section that names nothing",
	  .text = "[name=]\n",
	  .errors = "f:1: [name=] what is behind the = is missing; say as [name=vdb]\n",
	  .broken = BROKEN },
	{ .name = "a name with its folder",
	  .text = "[name=/dev/vdb]\n",
	  .errors = "f:1: [name=/dev/vdb] a name is the kernel's, without /dev/ and without "
		    "patterns; say as [name=vdb]\n",
	  .broken = BROKEN },
	{ .name = "a pattern",
	  .text = "[name=vd*]\n",
	  .errors = "f:1: [name=vd*] a name is the kernel's, without /dev/ and without patterns; "
		    "say as [name=vdb]\n",
	  .broken = BROKEN },
	{ .name = "a link that leads elsewhere",
	  .text = "[link=/dev/disk/../vdb]\n",
	  .errors = "f:1: [link=/dev/disk/../vdb] a link is a name in /dev/disk/by-id, or a path "
		    "below /dev/disk; say as [link=virtio-data-1]\n",
	  .broken = BROKEN },
	{ .name = "a mountpoint that is none",
	  .text = "[mountpoint=srv]\n",
	  .errors = "f:1: [mountpoint=srv] a mountpoint begins with /; say as [mountpoint=/srv]\n",
	  .broken = BROKEN },
	{ .name = "a value too much",
	  .text = "[all=x]\n[name]\n",
	  .errors = "f:1: [all=x] no such kind of section; say [all], or as [name=vdb], "
		    "[serial=data-1], [link=virtio-data-1], [label=DATA] or [mountpoint=/srv]\n"
		    "f:2: [name] no such kind of section; say [all], or as [name=vdb], "
		    "[serial=data-1], [link=virtio-data-1], [label=DATA] or [mountpoint=/srv]\n",
	  .broken = BROKEN },
	{ .name = "NUL bytes, as a crash may leave them",
	  .text = "[all]\nmax = 1G\n\0\0\0\0\nmode = x\n",
	  .len = 29,
	  .rules = "all@1",
	  .errors = "f:3: the line has NUL bytes; write the file anew, as plain text\n",
	  .broken = BROKEN },
	{ .name = "a NUL byte in a value",
	  .text = "[all]\nmax = 1G\0M\nmode = ask\n",
	  .len = 28,
	  .rules = "all@1",
	  .errors = "f:2: the line has NUL bytes; write the file anew, as plain text\n",
	  .broken = BROKEN },
	{ .name = "control characters",
	  .text = "[all]\nmax = 1G\rmode = off\n",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] the line has control characters; remove them\n" },
	{ .name = "control characters in a head",
	  .text = "[all]\n[label=a\x1b[1m]\nmode = off\n",
	  .rules = "all@1",
	  .errors = "f:2: the section's head has control characters; remove them\n",
	  .broken = BROKEN },
	{ .name = "a line that inih would take for two",
	  .text = "[all]\nmax = " SP50 SP50 SP50 SP50 "20G\n",
	  .rules = "all@1!2",
	  .errors = "f:2: [all] the line is too long; nothing that a key takes is\n" },
};

/**
 * struct value_row - a value, and what it is read as
 * @text: NULL where it is refused
 */
static const struct value_row {
	enum policy_key key;
	const char *value;
	uint64_t number;
	bool per_cent;
	const char *text;
} values[] = {
	{ POLICY_MODE, "auto", LIVEGROW_MODE_AUTO, false, "auto" },
	{ POLICY_MODE, "ask", LIVEGROW_MODE_ASK, false, "ask" },
	{ POLICY_MODE, "off", LIVEGROW_MODE_OFF, false, "off" },
	{ POLICY_MODE, "none", 0, false, NULL },
	{ POLICY_MODE, "Auto", 0, false, NULL },
	{ POLICY_MAX, "20G", 20ULL << 30, false, "20G" },
	{ POLICY_MAX, "1536M", 1536ULL << 20, false, "1536M" },
	{ POLICY_MAX, "1025", 1025, false, "1025" },
	{ POLICY_MAX, "15E", 15ULL << 60, false, "15E" },
	{ POLICY_MAX, "none", 0, false, "none" },
	{ POLICY_MAX, "0", 0, false, "none" },
	{ POLICY_MAX, "10%", 0, false, NULL },
	{ POLICY_MAX, "16E", 0, false, NULL },
	{ POLICY_MAX, "-1", 0, false, NULL },
	{ POLICY_KEEP_FREE, "5GiB", 5ULL << 30, false, "5G" },
	{ POLICY_KEEP_FREE, "99%", 99, true, "99%" },
	{ POLICY_KEEP_FREE, "0%", 0, false, "none" },
	{ POLICY_KEEP_FREE, "100%", 0, false, NULL },
	{ POLICY_KEEP_FREE, "18446744073709551617%", 0, false, NULL },
	{ POLICY_KEEP_FREE, "%", 0, false, NULL },
	{ POLICY_KEEP_FREE, "1%%", 0, false, NULL },
	{ POLICY_KEEP_FREE, "-1%", 0, false, NULL },
	{ POLICY_MIN_STEP, "none", 0, false, "none" },
	{ POLICY_ALIGN, "512", 512, false, "512" },
	{ POLICY_ALIGN, "1G", 1ULL << 30, false, "1G" },
	{ POLICY_ALIGN, "256", 0, false, NULL },
	{ POLICY_ALIGN, "2G", 0, false, NULL },
	{ POLICY_ALIGN, "3M", 0, false, NULL },
	{ POLICY_ALIGN, "0", 0, false, NULL },
	{ POLICY_ALIGN, "none", 0, false, NULL },
};

static void errors_list(const struct conf *conf, char *ret, size_t size)
{
	char text[CONF_ERROR_TEXT];
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < conf->n_errors && n < size; i++)
		n += (size_t)snprintf(ret + n, size - n, "%s\n",
				      conf_error_text(&conf->errors[i], text));
}

static void rules_list(const struct conf *conf, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < conf->n_rules && n < size; i++) {
		const struct conf_rule *rule = &conf->rules[i];

		n += (size_t)snprintf(ret + n, size - n, "%s%s@%u", i ? " " : "", rule->section,
				      rule->line);
		if (rule->broken_line && n < size)
			n += (size_t)snprintf(ret + n, size - n, "!%u", rule->broken_line);
	}
}

static void same(const char *got, const char *expected)
{
	bool is = !strcmp(got, expected ? expected : "");

	if (!is)
		printf("# got: %s\n", got);
	CHECK(is);
}

static void test_row(const struct row *row)
{
	struct conf conf = { 0 };
	char text[4096];

	CHECK_EQ(conf_add_text(&conf, "f", row->text, row->len ? row->len : strlen(row->text)), 0);
	rules_list(&conf, text, sizeof(text));
	same(text, row->rules);
	errors_list(&conf, text, sizeof(text));
	same(text, row->errors);
	CHECK_EQ(conf.broken, row->broken);
	CHECK_EQ(conf.broken, !!conf.broken_why[0]);
	conf_free(&conf);
	ktap_result("a file", row->name);
}

static void test_value(const struct value_row *row)
{
	struct policy_value value = { 0 }, again = { 0 };
	int r = policy_value_parse(row->key, row->value, &value);
	char text[POLICY_VALUE_TEXT], name[64];

	CHECK_EQ(r == 0, row->text != NULL);
	CHECK_EQ(value.number, row->number);
	CHECK_EQ(value.per_cent, row->per_cent);
	CHECK_EQ(value.given, r == 0);
	if (r == 0) {
		same(policy_value_text(row->key, &value, text), row->text);
		CHECK_EQ(policy_value_parse(row->key, text, &again), 0);
		CHECK(again.number == value.number && again.per_cent == value.per_cent);
	}
	snprintf(name, sizeof(name), "%s = %s", policy_key_name(row->key), row->value);
	ktap_result("a value", name);
}

static void test_place(void)
{
	static const char text[] = "[all]\nmode = ask\n\n[name=vdb]\nmax = 1G\nmax = 2G\n";
	const struct policy_value *max;
	struct conf conf = { 0 };

	CHECK_EQ(conf_add_text(&conf, "f", text, strlen(text)), 0);
	max = &conf.rules[1].values[POLICY_MAX];
	CHECK_EQ(max->number, 2ULL << 30);
	CHECK_EQ(max->line, 6);
	same(max->section, "name=vdb");
	same(max->file, "f");
	CHECK(!conf.rules[1].values[POLICY_MODE].given && conf.rules[0].values[POLICY_MODE].given);
	conf_free(&conf);
	ktap_result("a value knows its place, and of two in a section the later is taken", NULL);
}

static void test_bounds(void)
{
	size_t size = 5000 * 8;
	struct conf conf = { 0 };
	char *text = malloc(size);

	for (size_t i = 0; i < size; i += 8)
		memcpy(text + i, "[all]\nx\n", 8);
	CHECK_EQ(conf_add_text(&conf, "f", text, size), 0);
	CHECK_EQ(conf.n_rules, 4096);
	CHECK_EQ(conf.n_errors, 1000);
	CHECK_EQ(conf.more_errors, 4096 + 904 - 1000);
	CHECK(conf.broken);
	conf_free(&conf);
	free(text);
	ktap_result("too many rules and errors are counted", NULL);
}

static void file_put(const char *root, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void in_root(const char *root, const char *name, char ret[256])
{
	snprintf(ret, 256, "%s/%s", root, name);
}

static struct conf read_root(const char *root)
{
	struct conf conf = { 0 };

	CHECK_EQ(conf_read(root, &conf), 0);
	return conf;
}

static void test_nothing(const char *root)
{
	struct conf conf = read_root(root);

	CHECK(!conf.n_files && !conf.n_rules && !conf.n_errors && !conf.broken);
	conf_free(&conf);
	ktap_result("without files there are no rules", NULL);
}

static void test_order(const char *root)
{
	struct conf conf;
	char text[256];

	file_put(root, "etc/growctl.conf", "[name=first]\n");
	file_put(root, "etc/growctl.conf.d/a.conf", "[name=fourth]\n");
	file_put(root, "etc/growctl.conf.d/10.conf", "[name=second]\n");
	file_put(root, "etc/growctl.conf.d/Z.conf", "[name=third]\n");
	file_put(root, "etc/growctl.conf.d/b.conf.orig", "[\n");
	file_put(root, "etc/growctl.conf.d/.b.conf", "[\n");
	file_put(root, "etc/growctl.conf.d/.conf", "[\n");
	conf = read_root(root);
	rules_list(&conf, text, sizeof(text));
	same(text, "name=first@1 name=second@1 name=third@1 name=fourth@1");
	CHECK(conf.n_files == 4 && !conf.n_errors && !conf.broken);
	conf_free(&conf);
	ktap_result("files are read in the order of their bytes, and no others", NULL);
}

/* One name in the folder that is no file to be read; the rest is. */
static void unread(const char *root, const char *why, const char *name)
{
	struct conf conf = read_root(root);

	CHECK_EQ(conf.n_errors, 1);
	CHECK(conf.n_errors == 1 && strstr(conf.errors[0].text, why) && !conf.errors[0].line);
	CHECK_EQ(conf.n_rules, 4);
	CHECK(conf.broken);
	conf_free(&conf);
	ktap_result("what cannot be read holds all disks", name);
}

static void test_unread(const char *root)
{
	char path[256], *large = malloc((1 << 20) + 2);

	in_root(root, "etc/growctl.conf.d/c.conf", path);
	CHECK_EQ(mkdir(path, 0700), 0);
	unread(root, "not a regular file", "a directory");
	rmdir(path);
	CHECK_EQ(mkfifo(path, 0600), 0);
	unread(root, "not a regular file", "a FIFO");
	unlink(path);
	CHECK_EQ(symlink("nowhere", path), 0);
	unread(root, "leads nowhere", "a dangling link");
	unlink(path);
	memset(large, '#', (1 << 20) + 1);
	large[(1 << 20) + 1] = '\0';
	file_put(root, "etc/growctl.conf.d/c.conf", large);
	unread(root, "larger than 1 MiB", "a file past the bound");
	large[1 << 20] = '\0';
	file_put(root, "etc/growctl.conf.d/c.conf", large);
	free(large);
	struct conf conf = read_root(root);
	CHECK(!conf.n_errors && conf.n_files == 5);
	conf_free(&conf);
	unlink(path);
	ktap_result("a file of just the bound is read", NULL);
}

static void test_no_folder(const char *root)
{
	char path[256], command[300];
	struct conf conf;

	in_root(root, "etc/growctl.conf.d", path);
	snprintf(command, sizeof(command), "rm -r %s", path);
	CHECK_EQ(system(command), 0);
	file_put(root, "etc/growctl.conf.d", "");
	conf = read_root(root);
	CHECK(conf.n_rules == 1 && conf.n_errors == 1 && conf.broken);
	conf_free(&conf);
	ktap_result("a folder that is none holds all disks", NULL);
}

static void test_files(void)
{
	char root[] = "/tmp/conf-XXXXXX", path[256], command[64];

	if (!mkdtemp(root))
		abort();
	test_nothing(root);
	in_root(root, "etc", path);
	CHECK_EQ(mkdir(path, 0700), 0);
	in_root(root, "etc/growctl.conf.d", path);
	CHECK_EQ(mkdir(path, 0700), 0);
	test_order(root);
	test_unread(root);
	test_no_folder(root);
	snprintf(command, sizeof(command), "rm -r %s", root);
	CHECK_EQ(system(command), 0);
}

static uint64_t state = 0x6c69766567726f77ULL;

static uint64_t rnd(uint64_t below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL >> 16) % below;
}

static size_t mutate(char *text, size_t len, size_t size)
{
	static const char odd[] = "[]=;#\n\r\0 \t:%9GaxE\"\x7f\xff\xef";
	size_t at = rnd(len), n = rnd(len - at) % 64;

	switch (rnd(4)) {
	case 0:
		text[at] = odd[rnd(sizeof(odd) - 1)];
		break;
	case 1:
		text[at] = (char)rnd(256);
		break;
	case 2: /* out */
		memmove(text + at, text + at + n, len - at - n);
		len -= n;
		break;
	default: /* once more */
		if (len + n <= size) {
			memmove(text + at + n, text + at, len - at);
			len += n;
		}
	}
	return len ? len : 1;
}

/* Whatever is in it, what is kept is sound, and no rule was broken in silence. */
static void conf_check(const struct conf *conf)
{
	bool broken = conf->broken;

	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct conf_rule *rule = &conf->rules[i];
		size_t named = strlen(rule->section) - strlen(rule->text);

		broken |= !!rule->broken_line;
		CHECK(!rule->text[0] == (rule->kind == CONF_ALL));
		CHECK(!strncmp(rule->section, conf_kind_name(rule->kind), named - !!rule->text[0]));
		CHECK(!rule->broken_line || rule->broken_line > rule->line);
		for (int key = 0; key < POLICY_KEYS; key++)
			CHECK(!rule->values[key].given || rule->values[key].line > rule->line);
	}
	CHECK_EQ(broken, conf->n_errors > 0);
}

static void test_random(void)
{
	static const char whole[] =
		"# growctl's\n[all]\nmode = ask\nmax = 20G\n\n[serial=data-1]\nkeep-free = 10%\n"
		"[link=virtio-data-1] ; x\nmin-step = 1G\n[label=MY DATA]\nalign = 4M\n"
		"[mountpoint=/srv]\nmax = none\n[name=vdb]\nmode = off\n";
	const char *seed = getenv("UNIT_SEED");
	unsigned int good = 0;
	char text[1024];

	if (seed)
		state = strtoull(seed, NULL, 0) | 1;
	printf("# UNIT_SEED=%llu\n", (unsigned long long)state);
	for (int i = 0; i < ROUNDS; i++) {
		size_t len = strlen(whole);
		struct conf conf = { 0 };
		char *exact;

		memcpy(text, whole, len);
		for (uint64_t n = rnd(6) + 1; n; n--)
			len = mutate(text, len, sizeof(text));
		/* Of its own, so that the sanitizer sees a read past its end. */
		exact = malloc(len);
		memcpy(exact, text, len);
		CHECK_EQ(conf_add_text(&conf, "f", exact, len), 0);
		free(exact);
		conf_check(&conf);
		good += !conf.n_errors;
		conf_free(&conf);
	}
	printf("# %u of %d without an error\n", good, ROUNDS);
	CHECK(good > ROUNDS / 50 && good < ROUNDS / 2);
	ktap_result("pseudo-random damages", NULL);
}

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		test_row(&rows[i]);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		test_value(&values[i]);
	test_place();
	test_bounds();
	test_files();
	test_random();
	return ktap_end();
}
