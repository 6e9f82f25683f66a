// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel family's answers as JSON, a line each.
 *
 *   lgnl get DISK
 *   lgnl dump
 *   lgnl grow DISK [dry-run|asked|unused|free-tail|content|REASON]...
 *           asks for a look, waits until it ended and prints its "settled" event
 *   lgnl looks DISK TIMES
 *           has the disk looked at as often, one look after the other, and nothing written
 *   lgnl set DISK auto|ask|off
 *   lgnl rollback DISK PART START SIZE [dry-run]
 *           in bytes; waits and prints as grow does
 *   lgnl backups [DISK]
 *           the old tables that are kept, a line for each chunk, its data in hex
 *   lgnl taken DISK ID [ERRNO]
 *   lgnl tear DISK ID
 *           backups, of which the table ID is taken when its first chunks are here
 *   lgnl fs-failed DISK PART TEXT
 *           tells that a filesystem could not be grown
 *   lgnl stall disks|backups|events
 *           asks for all of them, and reads no answer until it is killed
 *   lgnl wait DISK CAPACITY [SECONDS]
 *           waits until a look at the disk with so many bytes has ended; 30 s
 *
 * A refusal is printed as {"error": -1, "text": "..."}. Exit status: 0, 2 after
 * a refusal, 3 when it waited in vain.
 */
#include "genl.h"
#include <stdlib.h>
#include <time.h>

enum kind { U32, U64, STRING, STATE, REASON, MODE, STEP, HEX };

static const struct field {
	int attr;
	const char *name;
	enum kind kind;
	/* clang-format off */
} fields[] = {
	{ LIVEGROW_A_DISK, "disk", STRING },
	{ LIVEGROW_A_DRIVER, "driver", STRING },
	{ LIVEGROW_A_CAPACITY, "capacity", U64 },
	{ LIVEGROW_A_LBA_SIZE, "lba-size", U32 },
	{ LIVEGROW_A_MODE, "mode", MODE },
	{ LIVEGROW_A_PART_MAX, "max", U64 },
	{ LIVEGROW_A_KEEP_FREE, "keep-free", U64 },
	{ LIVEGROW_A_KEEP_PER_CENT, "keep-per-cent", U32 },
	{ LIVEGROW_A_MIN_STEP, "min-step", U64 },
	{ LIVEGROW_A_ALIGN, "align", U32 },
	{ LIVEGROW_A_STATE, "state", STATE },
	{ LIVEGROW_A_REASON, "reason", REASON },
	{ LIVEGROW_A_REASON_TEXT, "text", STRING },
	{ LIVEGROW_A_LOOK, "look", U32 },
	{ LIVEGROW_A_STEP, "step", STEP },
	{ LIVEGROW_A_ERRNO, "errno", U32 },
	{ LIVEGROW_A_PART, "part", U32 },
	{ LIVEGROW_A_PART_START, "part-start", U64 },
	{ LIVEGROW_A_PART_SIZE, "part-size", U64 },
	{ LIVEGROW_A_PART_REACH, "part-reach", U64 },
	{ LIVEGROW_A_FREE_TAIL, "free-tail", U64 },
	{ LIVEGROW_A_PART_HELD, "held", U32 },
	{ LIVEGROW_A_FLAGS, "flags", U32 },
	{ LIVEGROW_A_SEQ, "seq", U32 },
	{ LIVEGROW_A_BACKUPS, "backups", U32 },
	{ LIVEGROW_A_BACKUP_ERRNO, "backup-errno", U32 },
	{ LIVEGROW_A_BACKUP_ID, "backup-id", U32 },
	{ LIVEGROW_A_BACKUP_TIME, "backup-time", U64 },
	{ LIVEGROW_A_BACKUP_SIZE, "backup-size", U32 },
	{ LIVEGROW_A_BACKUP_OFFSET, "backup-offset", U32 },
	{ LIVEGROW_A_BACKUP_DATA, "backup-data", HEX },
};
/* clang-format on */

static const char *const states[] = {
	"unknown", "full",   "growing",	 "waiting", "unused", "held",
	"blocked", "shrunk", "no-table", "failed",  "off",    "unmanaged",
};
static const char *const modes[] = { "auto", "ask", "off" };
static const char *const steps[] = {
	"none",	       "read",	"recover-array", "recover-header",
	"backup",      "stale", "switch",	 "home-array",
	"home-header", "mbr",	"partition",	 "filesystem",
};
/* clang-format off */
static const char *const reasons[] = {
	"none", "driver", "mode-off", "mode-ask", "read-only", "not-in-use", "held-whole",
	"no-table", "not-gpt", "hybrid-mbr", "primary-damaged", "both-damaged", "backup-differs",
	"backup-stale", "unsupported",
	"array-place", "reserved-bytes", "entry-range", "entry-past-disk", "entry-overlap",
	"table-differs", "shrunk", "no-room", "no-partition", "part-type", "part-content",
	"part-read-only", "free-tail", "was-shrunk", "rollback", "changed", "step-failed",
	"part-max", "keep-free", "min-step", "policy-awaited", "part-metadata",
	"block-size",
	"part-holds", "part-closed", "mounted-read-only", "part-unknown", "content-awaited", "use-awaited",
};
/* clang-format on */

/* clang-format off */
static const struct { const char *name; uint32_t flag; } flag_words[] = {
	{ "dry-run", LIVEGROW_FLAG_DRY_RUN },
	{ "asked", LIVEGROW_FLAG_ASKED },
	{ "unused", LIVEGROW_FLAG_UNUSED },
	{ "free-tail", LIVEGROW_FLAG_FREE_TAIL },
	{ "content", LIVEGROW_FLAG_CONTENT },
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORD(array, i) ((i) < COUNT(array) ? (array)[i] : "other")

static const char *word_of(enum kind kind, uint32_t value)
{
	switch (kind) {
	case STATE:
		return WORD(states, value);
	case REASON:
		return WORD(reasons, value);
	case MODE:
		return WORD(modes, value);
	default:
		return WORD(steps, value);
	}
}

/* No text of the kernel's holds a control character or a backslash. */
static void print_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void print_hex(const struct nlattr *attr)
{
	putchar('"');
	for (int i = 0; i < attr->nla_len - NLA_HDRLEN; i++)
		printf("%02x", (unsigned char)GENL_ATTR_DATA(attr)[i]);
	putchar('"');
}

static void print_value(const struct field *field, const struct nlattr *attr)
{
	uint64_t value = 0;

	if (field->kind == HEX) {
		print_hex(attr);
		return;
	}
	if (field->kind == STRING) {
		print_string(GENL_ATTR_DATA(attr));
		return;
	}
	memcpy(&value, GENL_ATTR_DATA(attr), field->kind == U64 ? 8 : 4);
	if (field->kind == U32 || field->kind == U64)
		printf("%llu", (unsigned long long)value);
	else
		print_string(word_of(field->kind, (uint32_t)value));
}

static void print_record(const struct nlattr *attrs, size_t len, void *arg)
{
	const char *comma = "";

	(void)arg;
	putchar('{');
	for (size_t i = 0; i < COUNT(fields); i++) {
		const struct nlattr *attr = genl_find(attrs, len, fields[i].attr);

		if (!attr)
			continue;
		printf("%s\"%s\": ", comma, fields[i].name);
		print_value(&fields[i], attr);
		comma = ", ";
	}
	puts("}");
}

static int report(const struct verdict *verdict)
{
	if (!verdict->error)
		return 0;
	printf("{\"error\": %d, \"text\": ", verdict->error);
	print_string(verdict->text);
	puts("}");
	return 2;
}

static void request(const struct genl *genl, struct message *msg, uint8_t cmd, const char *disk)
{
	genl_begin(msg, genl->family, cmd, disk ? 0 : NLM_F_DUMP);
	if (disk)
		genl_put(msg, LIVEGROW_A_DISK, disk, strlen(disk) + 1);
}

/* Prints one disk, or all of them without a name. */
static int show(struct genl *genl, const char *disk)
{
	struct verdict verdict;
	struct message msg;

	request(genl, &msg, LIVEGROW_CMD_DISK_GET, disk);
	verdict = genl_ask(genl, &msg, print_record, NULL);
	return report(&verdict);
}

struct hope {
	const char *disk;
	uint32_t look, flags;
	uint64_t capacity;
	bool fulfilled;
};

static bool is_disk(const struct nlattr *attrs, size_t len, const char *disk)
{
	const struct nlattr *name = genl_find(attrs, len, LIVEGROW_A_DISK);

	return name && !strcmp(GENL_ATTR_DATA(name), disk);
}

static void see_settled(const struct nlattr *attrs, size_t len, void *arg)
{
	struct hope *hope = arg;
	uint32_t flags = genl_u32(attrs, len, LIVEGROW_A_FLAGS);

	if (hope->fulfilled || !is_disk(attrs, len, hope->disk) ||
	    genl_u32(attrs, len, LIVEGROW_A_EVENT) != LIVEGROW_EVENT_SETTLED ||
	    (flags ^ hope->flags) & LIVEGROW_FLAG_DRY_RUN ||
	    (int32_t)(genl_u32(attrs, len, LIVEGROW_A_LOOK) - hope->look) < 0)
		return;
	hope->fulfilled = true;
	print_record(attrs, len, NULL);
}

static void see_status(const struct nlattr *attrs, size_t len, void *arg)
{
	const struct nlattr *capacity = genl_find(attrs, len, LIVEGROW_A_CAPACITY);
	uint32_t state = genl_u32(attrs, len, LIVEGROW_A_STATE);
	struct hope *hope = arg;
	uint64_t bytes = 0;

	if (capacity)
		memcpy(&bytes, GENL_ATTR_DATA(capacity), sizeof(bytes));
	if (bytes != hope->capacity || state == LIVEGROW_STATE_UNKNOWN ||
	    state == LIVEGROW_STATE_GROWING)
		return;
	hope->fulfilled = true;
	print_record(attrs, len, NULL);
}

static void hear(const struct genl *events, genl_fn fn, void *arg, int patience_ms)
{
	static char buffer[GENL_BUFFER] __attribute__((aligned(8)));
	int len = genl_receive(events, buffer, patience_ms);
	const struct nlmsghdr *head;

	for (head = (void *)buffer; NLMSG_OK(head, (unsigned int)len); head = NLMSG_NEXT(head, len))
		if (fn)
			fn((const void *)((const char *)NLMSG_DATA(head) + GENL_HDRLEN),
			   head->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, arg);
}

static void take_look(const struct nlattr *attrs, size_t len, void *arg)
{
	((struct hope *)arg)->look = genl_u32(attrs, len, LIVEGROW_A_LOOK);
}

static int usage(void)
{
	fprintf(stderr,
		"usage: lgnl get DISK | dump | grow DISK [FLAG|LIMIT=N]... | looks DISK TIMES | "
		"set DISK MODE|FLAG|LIMIT=N... | "
		"rollback DISK PART START SIZE [dry-run] | backups [DISK] | "
		"taken DISK ID [ERRNO] | tear DISK ID | fs-failed DISK PART TEXT | stall WHAT | wait DISK CAPACITY [SECONDS]\n");
	return 1;
}

static int parse_flag(const char *word, uint32_t *ret_flags)
{
	size_t i = 0;

	while (i < COUNT(flag_words) && strcmp(flag_words[i].name, word))
		i++;
	if (i == COUNT(flag_words))
		return -EINVAL;
	*ret_flags |= flag_words[i].flag;
	return 0;
}

/* "max=1048576": a limit. Returns 0, or -EINVAL where it is none. */
static int put_limit(struct message *msg, const char *word)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		size_t len = strlen(fields[i].name);
		uint64_t value;

		if (fields[i].attr < LIVEGROW_A_PART_MAX || strncmp(word, fields[i].name, len) ||
		    word[len] != '=')
			continue;
		value = strtoull(word + len + 1, NULL, 10);
		genl_put(msg, fields[i].attr, &value, fields[i].kind == U64 ? 8 : 4);
		return 0;
	}
	return -EINVAL;
}

/* Sends the request, but for its flags, and waits for the end of the look. */
static int ask_look(struct genl *genl, const struct genl *events, struct message *msg,
		    struct hope *hope, int seconds)
{
	time_t until = time(NULL) + seconds;
	struct verdict verdict;

	genl_put(msg, LIVEGROW_A_FLAGS, &hope->flags, sizeof(hope->flags));
	verdict = genl_ask(genl, msg, take_look, hope);
	if (verdict.error)
		return report(&verdict);
	while (!hope->fulfilled && time(NULL) <= until)
		hear(events, see_settled, hope, 1000);
	return hope->fulfilled ? 0 : 3;
}

static int put_answer(struct message *msg, const char *word)
{
	for (uint32_t i = 0; i < COUNT(reasons); i++)
		if (!strcmp(word, reasons[i])) {
			genl_put(msg, LIVEGROW_A_REASON, &i, sizeof(i));
			return 0;
		}
	return -EINVAL;
}

static int grow(struct genl *genl, const struct genl *events, struct hope *hope, char **words)
{
	struct message msg;

	request(genl, &msg, LIVEGROW_CMD_DISK_GROW, hope->disk);
	for (; *words; words++)
		/* "free-tail" is a flag, and a reason that is no answer. */
		if (put_limit(&msg, *words) && parse_flag(*words, &hope->flags) &&
		    put_answer(&msg, *words))
			return usage();
	return ask_look(genl, events, &msg, hope, 30);
}

static int look_often(struct genl *genl, const struct genl *events, struct hope *hope, int times)
{
	struct message msg;
	int r = 0;

	hope->flags = LIVEGROW_FLAG_DRY_RUN;
	for (; times > 0 && r == 0; times--) {
		hope->fulfilled = false;
		request(genl, &msg, LIVEGROW_CMD_DISK_GROW, hope->disk);
		r = ask_look(genl, events, &msg, hope, 30);
	}
	return r;
}

static int roll_back(struct genl *genl, const struct genl *events, struct hope *hope, char **args)
{
	uint64_t start = strtoull(args[1], NULL, 10), size = strtoull(args[2], NULL, 10);
	uint32_t part = (uint32_t)strtoul(args[0], NULL, 10);
	struct message msg;

	request(genl, &msg, LIVEGROW_CMD_DISK_ROLLBACK, hope->disk);
	genl_put(&msg, LIVEGROW_A_PART, &part, sizeof(part));
	genl_put(&msg, LIVEGROW_A_PART_START, &start, sizeof(start));
	genl_put(&msg, LIVEGROW_A_PART_SIZE, &size, sizeof(size));
	return ask_look(genl, events, &msg, hope, 30);
}

static int put_mode(struct message *msg, const char *mode)
{
	uint32_t value = 0;

	while (value < COUNT(modes) && strcmp(modes[value], mode))
		value++;
	if (value == COUNT(modes))
		return -EINVAL;
	genl_put(msg, LIVEGROW_A_MODE, &value, sizeof(value));
	return 0;
}

/* A mode, limits and flags. */
static int set(struct genl *genl, const char *disk, char **words)
{
	struct verdict verdict;
	struct message msg;
	uint32_t flags = 0;

	request(genl, &msg, LIVEGROW_CMD_DISK_SET, disk);
	for (; *words; words++)
		if (put_mode(&msg, *words) && put_limit(&msg, *words) && parse_flag(*words, &flags))
			return usage();
	if (flags)
		genl_put(&msg, LIVEGROW_A_FLAGS, &flags, sizeof(flags));
	verdict = genl_ask(genl, &msg, NULL, NULL);
	return report(&verdict);
}

static int dump_backups(struct genl *genl, const char *disk)
{
	struct verdict verdict;
	struct message msg;

	genl_begin(&msg, genl->family, LIVEGROW_CMD_BACKUP_GET, NLM_F_DUMP);
	if (disk)
		genl_put(&msg, LIVEGROW_A_DISK, disk, strlen(disk) + 1);
	verdict = genl_ask(genl, &msg, print_record, NULL);
	return report(&verdict);
}

static int backup_taken(struct genl *genl, const char *disk, const char *id, const char *error)
{
	uint32_t numbers[] = { (uint32_t)strtoul(id, NULL, 10),
			       error ? (uint32_t)strtoul(error, NULL, 10) : 0 };
	struct verdict verdict;
	struct message msg;

	request(genl, &msg, LIVEGROW_CMD_BACKUP_TAKEN, disk);
	genl_put(&msg, LIVEGROW_A_BACKUP_ID, &numbers[0], sizeof(numbers[0]));
	if (error)
		genl_put(&msg, LIVEGROW_A_BACKUP_ERRNO, &numbers[1], sizeof(numbers[1]));
	verdict = genl_ask(genl, &msg, NULL, NULL);
	return report(&verdict);
}

static int fs_failed(struct genl *genl, const char *disk, const char *part, const char *text)
{
	uint32_t number = (uint32_t)strtoul(part, NULL, 10), error = EIO;
	struct verdict verdict;
	struct message msg;
	uint64_t size = 1;

	request(genl, &msg, LIVEGROW_CMD_FS_REPORT, disk);
	genl_put(&msg, LIVEGROW_A_PART, &number, sizeof(number));
	genl_put(&msg, LIVEGROW_A_FS_TYPE, "ext4", sizeof("ext4"));
	genl_put(&msg, LIVEGROW_A_FS_OLD_SIZE, &size, sizeof(size));
	genl_put(&msg, LIVEGROW_A_FS_SIZE, &size, sizeof(size));
	genl_put(&msg, LIVEGROW_A_ERRNO, &error, sizeof(error));
	genl_put(&msg, LIVEGROW_A_REASON_TEXT, text, strlen(text) + 1);
	verdict = genl_ask(genl, &msg, NULL, NULL);
	return report(&verdict);
}

static int tear_backups(struct genl *genl, struct genl *other, const char *disk, const char *id)
{
	static char buffer[GENL_BUFFER] __attribute__((aligned(8)));
	const struct nlmsghdr *head = (void *)buffer;
	struct verdict verdict;
	struct message msg;
	int len, taken;

	request(genl, &msg, LIVEGROW_CMD_BACKUP_GET, disk);
	msg.head.nlmsg_flags |= NLM_F_DUMP;
	verdict = (struct verdict){ .error = genl_send(genl, &msg) };
	len = verdict.error ? 0 : genl_receive(genl, buffer, GENL_PATIENCE_MS);
	taken = backup_taken(other, disk, id, NULL);
	for (; NLMSG_OK(head, (unsigned int)len); head = NLMSG_NEXT(head, len))
		if (genl_take(genl, head, print_record, NULL, &verdict))
			return 1; /* there was but one message */
	verdict = genl_hear(genl, print_record, NULL);
	return taken ?: report(&verdict);
}

static int stall(struct genl *genl, const char *what)
{
	static const struct {
		const char *what;
		uint8_t cmd;
	} dumps[] = {
		{ "disks", LIVEGROW_CMD_DISK_GET },
		{ "backups", LIVEGROW_CMD_BACKUP_GET },
		{ "events", LIVEGROW_CMD_EVENT_GET },
	};
	struct message msg;

	for (size_t i = 0; i < COUNT(dumps); i++) {
		if (strcmp(dumps[i].what, what))
			continue;
		genl_begin(&msg, genl->family, dumps[i].cmd, NLM_F_DUMP);
		if (genl_send(genl, &msg))
			return 2;
		puts("stalled");
		fflush(stdout);
		return pause();
	}
	return usage();
}

/* Every event is only a reason to ask again. */
static int wait_capacity(struct genl *genl, const struct genl *events, struct hope *hope,
			 int seconds)
{
	time_t until = time(NULL) + seconds;
	struct verdict verdict;
	struct message msg;

	while (time(NULL) <= until) {
		request(genl, &msg, LIVEGROW_CMD_DISK_GET, hope->disk);
		verdict = genl_ask(genl, &msg, see_status, hope);
		if (verdict.error)
			return report(&verdict);
		if (hope->fulfilled)
			return 0;
		hear(events, NULL, NULL, 1000);
	}
	show(genl, hope->disk);
	return 3;
}

int main(int argc, char **argv)
{
	struct hope hope = { .disk = argc > 2 ? argv[2] : NULL };
	struct genl genl, events;

	if (genl_open(&genl) || genl_open(&events) || genl_join(&events)) {
		fprintf(stderr, "lgnl: no family livegrow\n");
		return 2;
	}
	if (argc == 3 && !strcmp(argv[1], "get"))
		return show(&genl, hope.disk);
	if (argc == 2 && !strcmp(argv[1], "dump"))
		return show(&genl, NULL);
	if (argc >= 3 && !strcmp(argv[1], "grow"))
		return grow(&genl, &events, &hope, argv + 3);
	if (argc == 4 && !strcmp(argv[1], "looks"))
		return look_often(&genl, &events, &hope, atoi(argv[3]));
	if (argc >= 4 && !strcmp(argv[1], "set"))
		return set(&genl, hope.disk, argv + 3);
	if (argc == 7 && parse_flag(argv[6], &hope.flags))
		return usage();
	if (argc >= 6 && argc <= 7 && !strcmp(argv[1], "rollback"))
		return roll_back(&genl, &events, &hope, argv + 3);
	if (argc <= 3 && argc >= 2 && !strcmp(argv[1], "backups"))
		return dump_backups(&genl, hope.disk);
	if (argc >= 4 && argc <= 5 && !strcmp(argv[1], "taken"))
		return backup_taken(&genl, hope.disk, argv[3], argc == 5 ? argv[4] : NULL);
	if (argc == 4 && !strcmp(argv[1], "tear"))
		return tear_backups(&genl, &events, hope.disk, argv[3]);
	if (argc == 3 && !strcmp(argv[1], "stall"))
		return stall(&genl, argv[2]);
	if (argc == 5 && !strcmp(argv[1], "fs-failed"))
		return fs_failed(&genl, hope.disk, argv[3], argv[4]);
	if (argc < 4 || argc > 5 || strcmp(argv[1], "wait"))
		return usage();
	hope.capacity = strtoull(argv[3], NULL, 10);
	return wait_capacity(&genl, &events, &hope, argc == 5 ? atoi(argv[4]) : 30);
}
