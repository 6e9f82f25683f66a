// SPDX-License-Identifier: GPL-2.0-or-later
/* The history's file: what is written is read again, and what is damaged hides nothing else. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history.h"
#include "json.h"
#include "ktap.h"
#include "tally.h"

static const struct history_entry first = {
	.time = 1764100000,
	.event = "partition-grown",
	.disk = "vda",
	.guid = "01234567-89AB-CDEF-0123-456789ABCDEF",
	.partition = 3,
	.from = 1073741824,
	.to = UINT64_MAX,
	.table_us = 1,
	.partition_us = 22,
	.total_us = 333,
	.by = "auto",
};

static const struct history_entry second = {
	.time = 1764100001,
	.event = "failed",
	.disk = "nvme0n1",
	.fstype = "ext4",
	.from = 512,
	.to = 512,
	.error = 28,
	.by = "person",
	.why = "\\u0041 \"quoted\" \\ , } : {\t\x1b\x01 end",
};

struct found {
	struct history_entry entries[8];
	size_t n, total;
};

static int on_entry(const struct history_entry *entry, void *arg)
{
	struct found *found = arg;

	if (found->n < 8)
		found->entries[found->n++] = *entry;
	found->total++;
	return 0;
}

static struct found read_all(int dir)
{
	struct found found = { .n = 0 };

	CHECK_EQ(history_read(dir, on_entry, &found), 0);
	return found;
}

static bool same(const struct history_entry *a, const struct history_entry *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void append_text(int dir, const char *text)
{
	int fd = openat(dir, "history", O_WRONLY | O_CREAT | O_APPEND, 0600);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void test_nothing(int dir)
{
	CHECK_EQ(read_all(dir).n, 0);
	ktap_result("without a file there is no entry", NULL);
}

static void test_round(int dir)
{
	const struct history_entry both[] = { first, second };
	struct found found;

	CHECK_EQ(history_append(dir, both, 2), 0);
	CHECK_EQ(history_append(dir, &first, 1), 0);
	found = read_all(dir);
	CHECK_EQ(found.n, 3);
	CHECK(same(&found.entries[0], &first));
	CHECK(same(&found.entries[1], &second));
	CHECK(same(&found.entries[2], &first));
	ktap_result("what is written is read again, in its order", NULL);
}

static struct history_entry heard(const char *boot, uint64_t at_ns)
{
	struct history_entry e = second;

	snprintf(e.boot, sizeof(e.boot), "%s", boot);
	e.at_ns = at_ns;
	return e;
}

static void test_again(int dir)
{
	static const char boot[] = "0123abcd-0000-1111-2222-0123456789ab";
	const struct history_entry some[] = { heard(boot, 5), heard(boot, 6) };
	const struct history_entry more[] = { heard(boot, 6), heard("another", 6), heard(boot, 7) };
	struct found found;

	unlinkat(dir, "history", 0);
	CHECK_EQ(history_append(dir, some, 2), 0);
	CHECK_EQ(history_append(dir, some, 2), 0);
	CHECK_EQ(history_append(dir, more, 3), 0);
	found = read_all(dir);
	CHECK_EQ(found.n, 4);
	CHECK(same(&found.entries[1], &some[1]) && same(&found.entries[2], &more[1]) &&
	      same(&found.entries[3], &more[2]));
	ktap_result("what is there already is not written again", NULL);
	unlinkat(dir, "history", 0);
}

static void test_damage(int dir)
{
	static const char *const bad[] = {
		"",
		"\n",
		"{\"time\":1,\"event\":\"failed\"}\n",
		"{\"time\":1,\"event\":\"failed\",\"disk\":\"vda\n",
		"{\"time\":1,\"event\":\"failed\",\"disk\":\"vda\\",
		"{\"time\"",
		"nothing of ours\n",
		"{\"event\":\"\\u00\",\"time\":1,\"disk\":\"\"}\n",
	};
	struct found found;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unlinkat(dir, "history", 0);
		CHECK_EQ(history_append(dir, &first, 1), 0);
		append_text(dir, bad[i]);
		CHECK_EQ(history_append(dir, &second, 1), 0);
		found = read_all(dir);
		CHECK_EQ(found.n, 2);
		CHECK(same(&found.entries[1], &second));
		ktap_result("a damaged line hides no other", bad[i][0] == '\n' ? "empty" : NULL);
	}
}

static void test_bound(int dir)
{
	struct stat st;
	size_t n = 0;

	while (fstatat(dir, "history.old", &st, 0) < 0 && n++ < 10000)
		CHECK_EQ(history_append(dir, &first, 1), 0);
	CHECK(st.st_size >= 256 << 10 && st.st_size < 257 << 10);
	CHECK_EQ(read_all(dir).total, n + 2);
	ktap_result("a file that has grown to its bound becomes the old one", NULL);
	do
		CHECK_EQ(history_append(dir, &second, 1), 0);
	while (fstatat(dir, "history", &st, 0) == 0 && st.st_size > 1000);
	CHECK(read_all(dir).total < 2 * n);
	ktap_result("and the one before that is gone", NULL);
}

static struct tally tally_read(int dir, const char *disk)
{
	struct tallies tallies = { 0 };
	struct tally found;

	CHECK_EQ(history_tally(dir, &tallies), 0);
	found = *tally_of(&tallies, disk);
	free(tallies.list);
	return found;
}

static void append_many(int dir, size_t n)
{
	struct history_entry many[100];

	for (size_t i = 0; i < 100; i++)
		many[i] = first;
	for (; n; n -= 100)
		CHECK_EQ(history_append(dir, many, 100), 0);
}

static void overwrite(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT, 0600);

	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void test_counts(int dir)
{
	unlinkat(dir, "history", 0);
	unlinkat(dir, "history.old", 0);
	CHECK_EQ(history_append(dir, &second, 1), 0);
	append_many(dir, 5000);
	CHECK(read_all(dir).total < 4000);
	CHECK_EQ(tally_read(dir, "vda").grows, 5000);
	CHECK_EQ(tally_read(dir, "vda").failures, 0);
	CHECK_EQ(tally_read(dir, "nvme0n1").grows, 0);
	CHECK_EQ(tally_read(dir, "nvme0n1").failures, 1);
	ktap_result("what is no longer there is counted", NULL);
}

static void test_counts_newest(int dir)
{
	struct history_entry grown = second;

	snprintf(grown.event, sizeof(grown.event), "filesystem-grown");
	grown.total_us = 7;
	CHECK_EQ(history_append(dir, &grown, 1), 0);
	append_many(dir, 3000);
	CHECK_EQ(tally_read(dir, "nvme0n1").time, second.time);
	CHECK_EQ(tally_read(dir, "nvme0n1").total_us, 7);
	ktap_result("and the newest growth is known", NULL);
}

/* In each of these states a crash may leave the files. */
static void test_counts_crash(int dir)
{
	const uint64_t grows = tally_read(dir, "vda").grows;

	CHECK_EQ(renameat(dir, "history", dir, "history.old"), 0);
	CHECK_EQ(tally_read(dir, "vda").grows, grows);
	overwrite(dir, "history.new", "{\"disk\":\"vda\",\"grows\":1");
	append_many(dir, 100);
	CHECK_EQ(tally_read(dir, "vda").grows, grows + 100);
	CHECK_EQ(tally_read(dir, "nvme0n1").failures, 1);
	CHECK(faccessat(dir, "history.new", F_OK, 0) < 0);
	ktap_result("a crash between two files changes no count", NULL);
}

static void test_counts_damage(int dir, const char *name)
{
	uint64_t grows;

	append_many(dir, 3000);
	grows = tally_read(dir, "vda").grows;
	CHECK(grows > 6000);
	overwrite(dir, name, "########");
	CHECK_EQ(tally_read(dir, "vda").grows, grows);
	/* Of this one there is the damaged line alone. */
	CHECK_EQ(tally_read(dir, "nvme0n1").grows, 1);
	CHECK_EQ(tally_read(dir, "nvme0n1").failures, 1);
	ktap_result("damage to one file changes no count", name);
}

static void test_no_file(int dir)
{
	unlinkat(dir, "history", 0);
	CHECK_EQ(symlinkat("elsewhere", dir, "history"), 0);
	CHECK(history_append(dir, &first, 1) < 0);
	CHECK(faccessat(dir, "elsewhere", F_OK, 0) < 0);
	ktap_result("no link is followed", NULL);
	unlinkat(dir, "history", 0);
}

static void test_members(void)
{
	char value[8];

	CHECK(json_member("{\"a\":\"x,\\\"}\",\"b\":12}", "b", value, sizeof(value)));
	CHECK(!strcmp(value, "12"));
	CHECK(json_member("{\"a\":\"0123456789\"}", "a", value, sizeof(value)));
	CHECK(!strcmp(value, "0123456"));
	CHECK(!json_member("{\"ab\":1}", "a", value, sizeof(value)));
	CHECK(!json_member("{\"a\":1", "b", value, sizeof(value)));
	CHECK(!json_member("", "a", value, sizeof(value)));
	ktap_result("a member is found by its whole name, and cut where there is no room", NULL);
}

int main(void)
{
	char path[] = "/tmp/history-XXXXXX";
	int dir;

	if (!mkdtemp(path))
		return 1;
	dir = open(path, O_RDONLY | O_DIRECTORY);
	test_nothing(dir);
	test_round(dir);
	test_again(dir);
	test_damage(dir);
	test_bound(dir);
	test_counts(dir);
	test_counts_newest(dir);
	test_counts_crash(dir);
	test_counts_damage(dir, "history");
	test_counts_damage(dir, "history.old");
	test_no_file(dir);
	test_members();
	unlinkat(dir, "history.old", 0);
	close(dir);
	rmdir(path);
	return ktap_end();
}
