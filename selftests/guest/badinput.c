// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Bad input to the kernel family: each message that is wrong in one way gets an
 * errno and a text that says what to do. Prints KTAP; as root, with the module
 * loaded:
 *
 *   badinput DISK
 */
#include "genl.h"
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_FIELDS 7
#define NOBODY 65534

enum kind { STRING, U32, U64 };

/* A sound request: bad ones are this with one thing wrong. */
struct field {
	int attr;
	const char *name;
	enum kind kind;
	bool required;
	const char *text; /* STRING; NULL: the disk's name */
	size_t room; /* STRING: bytes that the policy allows, with the NUL */
	uint64_t value;
};

struct op {
	const char *name;
	uint8_t cmd;
	int foreign; /* an attribute of the family's that is not this op's */
	int sound; /* the answer to the sound request */
	struct field fields[MAX_FIELDS];
};

/* clang-format off */
enum { GET, GROW, ANSWER, SET, LIMIT, ROLLBACK, TAKEN, REPORT };
static const struct op ops[] = {
	[GET] = { "DISK_GET", LIVEGROW_CMD_DISK_GET, LIVEGROW_A_FLAGS, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
	} },
	[GROW] = { "DISK_GROW", LIVEGROW_CMD_DISK_GROW, LIVEGROW_A_CAPACITY, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_FLAGS, "FLAGS", U32, false, NULL, 0, LIVEGROW_FLAG_DRY_RUN },
	} },
	[ANSWER] = { "DISK_GROW with an answer", LIVEGROW_CMD_DISK_GROW, LIVEGROW_A_CAPACITY, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_REASON, "REASON", U32, false, NULL, 0, LIVEGROW_REASON_PART_UNKNOWN },
	} },
	[SET] = { "DISK_SET", LIVEGROW_CMD_DISK_SET, LIVEGROW_A_CAPACITY, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_MODE, "MODE", U32, true, NULL, 0, LIVEGROW_MODE_AUTO },
	} },
	[LIMIT] = { "DISK_SET of limits", LIVEGROW_CMD_DISK_SET, LIVEGROW_A_CAPACITY, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_PART_MAX, "PART_MAX", U64, false, NULL, 0, 1 << 30 },
		{ LIVEGROW_A_KEEP_FREE, "KEEP_FREE", U64, false, NULL, 0, 1 << 20 },
		{ LIVEGROW_A_KEEP_PER_CENT, "KEEP_PER_CENT", U32, false, NULL, 0, 99 },
		{ LIVEGROW_A_MIN_STEP, "MIN_STEP", U64, false, NULL, 0, 1 << 20 },
		{ LIVEGROW_A_ALIGN, "ALIGN", U32, false, NULL, 0, 1 << 30 },
		{ LIVEGROW_A_FLAGS, "FLAGS", U32, false, NULL, 0, LIVEGROW_FLAG_FREE_TAIL },
	} },
	[ROLLBACK] = { "DISK_ROLLBACK", LIVEGROW_CMD_DISK_ROLLBACK, LIVEGROW_A_CAPACITY, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_PART, "PART", U32, true, NULL, 0, 1 },
		{ LIVEGROW_A_PART_START, "PART_START", U64, true, NULL, 0, 1 << 20 },
		{ LIVEGROW_A_PART_SIZE, "PART_SIZE", U64, true, NULL, 0, 1 << 20 },
		{ LIVEGROW_A_FLAGS, "FLAGS", U32, false, NULL, 0, LIVEGROW_FLAG_DRY_RUN },
	} },
	/* Nothing has been kept. */
	[TAKEN] = { "BACKUP_TAKEN", LIVEGROW_CMD_BACKUP_TAKEN, LIVEGROW_A_FLAGS, -ENOENT, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_BACKUP_ID, "BACKUP_ID", U32, true, NULL, 0, 1 },
		{ LIVEGROW_A_BACKUP_ERRNO, "BACKUP_ERRNO", U32, false, NULL, 0, ENOSPC },
	} },
	[REPORT] = { "FS_REPORT", LIVEGROW_CMD_FS_REPORT, LIVEGROW_A_FLAGS, 0, {
		{ LIVEGROW_A_DISK, "DISK", STRING, true, NULL, 32, 0 },
		{ LIVEGROW_A_FS_TYPE, "FS_TYPE", STRING, true, "ext4", 32, 0 },
		{ LIVEGROW_A_FS_OLD_SIZE, "FS_OLD_SIZE", U64, true, NULL, 0, 1 << 20 },
		{ LIVEGROW_A_FS_SIZE, "FS_SIZE", U64, true, NULL, 0, 2 << 20 },
		{ LIVEGROW_A_PART, "PART", U32, false, NULL, 0, 1 },
		{ LIVEGROW_A_ERRNO, "ERRNO", U32, false, NULL, 0, EIO },
	} },
};
/* clang-format on */

/* clang-format off */
static const struct { int op, attr; uint64_t value; int error; const char *name; } out_of_range[] = {
	{ GROW, LIVEGROW_A_FLAGS, 1 << 8, -EINVAL, "DISK_GROW: FLAGS with an unknown bit" },
	{ GROW, LIVEGROW_A_FLAGS, 0xffffffff, -EINVAL, "DISK_GROW: FLAGS with every bit" },
	{ ANSWER, LIVEGROW_A_REASON, LIVEGROW_REASON_BLOCK_SIZE, -ERANGE,
	  "DISK_GROW: REASON that is no answer" },
	{ ANSWER, LIVEGROW_A_REASON, LIVEGROW_REASON_CONTENT_AWAITED, -ERANGE,
	  "DISK_GROW: REASON that asks" },
	{ SET, LIVEGROW_A_MODE, 3, -ERANGE, "DISK_SET: MODE 3" },
	{ LIMIT, LIVEGROW_A_KEEP_PER_CENT, 100, -ERANGE, "DISK_SET: KEEP_PER_CENT 100" },
	{ LIMIT, LIVEGROW_A_ALIGN, 3 << 20, -EINVAL, "DISK_SET: ALIGN that is no power of two" },
	{ LIMIT, LIVEGROW_A_ALIGN, 256, -EINVAL, "DISK_SET: ALIGN below a sector" },
	{ LIMIT, LIVEGROW_A_ALIGN, 1U << 31, -EINVAL, "DISK_SET: ALIGN beyond 1 GiB" },
	{ LIMIT, LIVEGROW_A_FLAGS, LIVEGROW_FLAG_ASKED, -EINVAL,
	  "DISK_SET: FLAGS other than FREE_TAIL" },
	{ ROLLBACK, LIVEGROW_A_PART, 0, -ERANGE, "DISK_ROLLBACK: PART 0" },
	{ ROLLBACK, LIVEGROW_A_PART, 257, -ERANGE, "DISK_ROLLBACK: PART 257" },
	{ ROLLBACK, LIVEGROW_A_FLAGS, LIVEGROW_FLAG_ASKED, -EINVAL,
	  "DISK_ROLLBACK: FLAGS other than DRY_RUN" },
	{ TAKEN, LIVEGROW_A_BACKUP_ERRNO, 4096, -ERANGE, "BACKUP_TAKEN: BACKUP_ERRNO 4096" },
	{ REPORT, LIVEGROW_A_PART, 257, -ERANGE, "FS_REPORT: PART 257" },
	{ REPORT, LIVEGROW_A_ERRNO, 4096, -ERANGE, "FS_REPORT: ERRNO 4096" },
};
/* clang-format on */

static const char *disk;
static unsigned int number, failed;
static bool counting; /* the first round only counts, for the plan */

static void result(bool good, const char *name, const struct verdict *verdict)
{
	number++;
	if (counting)
		return;
	if (!good)
		failed++;
	printf("# %d %s\n", verdict->error, verdict->text[0] ? verdict->text : "(no text)");
	printf("%s %u %s\n", good ? "ok" : "not ok", number, name);
}

static const struct field *end_of(const struct op *op)
{
	size_t n = 0;

	while (n < MAX_FIELDS && op->fields[n].name)
		n++;
	return op->fields + n;
}

static const char *text_of(const struct field *field)
{
	return field->text ? field->text : disk;
}

static void put_field(struct message *msg, const struct field *field)
{
	uint32_t value = (uint32_t)field->value;

	if (field->kind == STRING)
		genl_put(msg, field->attr, text_of(field), strlen(text_of(field)) + 1);
	else if (field->kind == U32)
		genl_put(msg, field->attr, &value, sizeof(value));
	else
		genl_put(msg, field->attr, &field->value, sizeof(field->value));
}

/* The sound request, but for the field @without. */
static void begin(const struct genl *genl, struct message *msg, const struct op *op,
		  const struct field *without)
{
	genl_begin(msg, genl->family, op->cmd, 0);
	for (const struct field *field = op->fields; field != end_of(op); field++)
		if (field != without)
			put_field(msg, field);
}

static void expect(struct genl *genl, struct message *msg, int error, const char *name)
{
	struct verdict verdict = { 0 };

	if (!counting)
		verdict = genl_ask(genl, msg, NULL, NULL);
	result(verdict.error == error && (!error || verdict.text[0]), name, &verdict);
}

static const char *title(const struct op *op, const char *field, const char *what)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s: %s %s", op->name, field, what);
	return text;
}

static void bad_string(struct genl *genl, const struct op *op, const struct field *field)
{
	char longest[64];
	struct message msg;

	memset(longest, 'x', sizeof(longest));
	longest[field->room] = '\0';
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr, longest, field->room + 1);
	expect(genl, &msg, -EINVAL, title(op, field->name, "too long"));
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr, text_of(field), strlen(text_of(field)));
	expect(genl, &msg, -EINVAL, title(op, field->name, "unterminated"));
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr, longest, field->room);
	expect(genl, &msg, -EINVAL, title(op, field->name, "as long as allowed, unterminated"));
}

static void bad_number(struct genl *genl, const struct op *op, const struct field *field)
{
	const size_t size = field->kind == U32 ? 4 : 8;
	static const char zeros[16];
	static const struct {
		const char *name;
		int change;
	} sizes[] = {
		{ "a byte too short", -1 },
		{ "a byte too long", 1 },
		{ "twice as long", 0 },
	};
	struct message msg;

	for (size_t i = 0; i < COUNT(sizes); i++) {
		begin(genl, &msg, op, field);
		genl_put(&msg, field->attr, zeros,
			 sizes[i].change ? size + sizes[i].change : 2 * size);
		expect(genl, &msg, -EINVAL, title(op, field->name, sizes[i].name));
	}
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr, "words", 6);
	expect(genl, &msg, -EINVAL, title(op, field->name, "as a string"));
}

static void bad_field(struct genl *genl, const struct op *op, const struct field *field)
{
	struct message msg;

	begin(genl, &msg, op, field);
	if (field->required)
		expect(genl, &msg, -EINVAL, title(op, field->name, "missing"));
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr, "", 0);
	/* An empty string has no terminator, an empty number no value. */
	expect(genl, &msg, -EINVAL, title(op, field->name, "empty"));
	begin(genl, &msg, op, field);
	genl_put(&msg, field->attr | NLA_F_NESTED, "\4\0\1\0\4\0\2\0", 8);
	expect(genl, &msg, -EINVAL, title(op, field->name, "as a nest"));
	if (field->kind == STRING)
		bad_string(genl, op, field);
	else
		bad_number(genl, op, field);
}

static void unknown_attributes(struct genl *genl, const struct op *op)
{
	/* clang-format off */
	const struct { int attr; const char *name; } unknown[] = {
		{ LIVEGROW_A_MAX + 1, "one more than the family has" },
		{ 0x3fff, "0x3fff" },
		{ LIVEGROW_A_UNSPEC, "0" },
		{ op->foreign, "one of another op" },
		{ LIVEGROW_A_TIME_PART, "one of events only" },
	};
	/* clang-format on */
	struct message msg;

	for (size_t i = 0; i < COUNT(unknown); i++) {
		begin(genl, &msg, op, NULL);
		genl_put(&msg, unknown[i].attr, "\1\0\0\0", 4);
		expect(genl, &msg, -EINVAL, title(op, "unknown attribute,", unknown[i].name));
	}
}

/* The last attribute says that it is longer than the message, or shorter than a head. */
static void broken_attributes(struct genl *genl, const struct op *op)
{
	const uint16_t lengths[] = { 64, 0xffff, 3, 0 };
	const char *names[] = { "cut off", "of length 0xffff", "of length 3", "of length 0" };
	struct nlattr *last;
	struct message msg;

	for (size_t i = 0; i < COUNT(lengths); i++) {
		begin(genl, &msg, op, NULL);
		last = (void *)((char *)&msg + msg.head.nlmsg_len);
		genl_put(&msg, LIVEGROW_A_DISK, "vda", 4);
		last->nla_len = lengths[i];
		expect(genl, &msg, -EINVAL, title(op, "an attribute", names[i]));
	}
	begin(genl, &msg, op, NULL);
	memcpy((char *)&msg + msg.head.nlmsg_len, "\1\2\3", 3);
	msg.head.nlmsg_len += 3;
	expect(genl, &msg, -EINVAL, title(op, "three bytes", "behind the attributes"));
}

static void unknown_disks(struct genl *genl, const struct op *op)
{
	static const char *const names[] = { "nosuchdisk", "", "/dev/vda", "vda1", "../vda" };
	struct message msg;

	for (size_t i = 0; i < COUNT(names); i++) {
		begin(genl, &msg, op, &op->fields[0]);
		genl_put(&msg, LIVEGROW_A_DISK, names[i], strlen(names[i]) + 1);
		expect(genl, &msg, -ENODEV, title(op, "the disk", names[i]));
	}
}

static void bad_op(struct genl *genl, const struct op *op)
{
	struct message msg;

	begin(genl, &msg, op, NULL);
	expect(genl, &msg, op->sound,
	       title(op, "sound:", op->sound ? "nothing is wrong with it" : "it is taken"));
	for (const struct field *field = op->fields; field != end_of(op); field++)
		bad_field(genl, op, field);
	unknown_attributes(genl, op);
	broken_attributes(genl, op);
	unknown_disks(genl, op);
}

static void bad_values(struct genl *genl)
{
	for (size_t i = 0; i < COUNT(out_of_range); i++) {
		const struct op *op = &ops[out_of_range[i].op];
		const struct field *field = op->fields;
		struct message msg;

		while (field->attr != out_of_range[i].attr)
			field++;
		begin(genl, &msg, op, field);
		genl_put(&msg, out_of_range[i].attr, &out_of_range[i].value, 4);
		expect(genl, &msg, out_of_range[i].error, out_of_range[i].name);
	}
}

static const struct {
	const char *name;
	uint8_t cmd;
	int of_a_disk; /* the answer to one that names a disk */
	int to_nobody; /* and without privileges */
} dump_ops[] = {
	{ "DISK_GET", LIVEGROW_CMD_DISK_GET, 0, 0 },
	{ "BACKUP_GET", LIVEGROW_CMD_BACKUP_GET, 0, -EPERM },
	{ "EVENT_GET", LIVEGROW_CMD_EVENT_GET, -EINVAL, -EPERM },
};

static void bad_dump(struct genl *genl, size_t op, int attr, const void *data, size_t len,
		     int error, const char *what)
{
	struct message msg;
	char name[128];

	genl_begin(&msg, genl->family, dump_ops[op].cmd, NLM_F_DUMP);
	if (attr)
		genl_put(&msg, (uint16_t)attr, data, len);
	snprintf(name, sizeof(name), "a dump by %s: %s", dump_ops[op].name, what);
	expect(genl, &msg, error, name);
}

static void dumps(struct genl *genl)
{
	for (size_t i = 0; i < COUNT(dump_ops); i++) {
		bad_dump(genl, i, 0, NULL, 0, 0, "sound");
		bad_dump(genl, i, LIVEGROW_A_DISK, disk, strlen(disk) + 1, dump_ops[i].of_a_disk,
			 "of one disk");
		bad_dump(genl, i, LIVEGROW_A_DISK, disk, strlen(disk), -EINVAL,
			 "the disk unterminated");
		bad_dump(genl, i, LIVEGROW_A_MAX + 1, "\1\0\0\0", 4, -EINVAL,
			 "an unknown attribute");
		bad_dump(genl, i, LIVEGROW_A_FLAGS, "\1\0\0\0", 4, -EINVAL,
			 "an attribute of another op");
	}
	bad_dump(genl, 1, LIVEGROW_A_DISK, "nosuchdisk", 11, -ENODEV, "an unknown disk");
}

/* Whoever has no privileges may read and listen, and nothing else. */
static void without_privileges(const char *who)
{
	struct verdict verdict = { 0 };
	struct message msg;
	struct genl genl = { 0 };
	char name[128];

	if (!counting && genl_open(&genl))
		verdict.error = -ENOENT;
	for (size_t i = 0; i < COUNT(ops); i++) {
		begin(&genl, &msg, &ops[i], NULL);
		snprintf(name, sizeof(name), "%s: %s is %s", who, ops[i].name,
			 i == GET ? "allowed" : "refused");
		expect(&genl, &msg, i == GET ? 0 : -EPERM, name);
	}
	for (size_t i = 0; i < COUNT(dump_ops); i++) {
		genl_begin(&msg, genl.family, dump_ops[i].cmd, NLM_F_DUMP);
		snprintf(name, sizeof(name), "%s: a dump by %s is %s", who, dump_ops[i].name,
			 dump_ops[i].to_nobody ? "refused" : "allowed");
		expect(&genl, &msg, dump_ops[i].to_nobody, name);
	}
	verdict.error = counting ? 0 : genl_join(&genl);
	snprintf(name, sizeof(name), "%s: events are allowed", who);
	result(!verdict.error, name, &verdict);
}

static int become_nobody(void)
{
	return setgid(NOBODY) || setuid(NOBODY);
}

static int become_root_of_a_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static const struct {
	int (*become)(void);
	const char *who;
} people[] = {
	{ become_nobody, "uid 65534" },
	{ become_root_of_a_namespace, "root of a user namespace" },
};

/* In a child, since there is no way back; its exit status is what failed. */
static void as_others(void)
{
	int status = 0;
	unsigned int before = number;

	for (size_t i = 0; i < COUNT(people); i++) {
		if (counting) {
			without_privileges(people[i].who);
			continue;
		}
		fflush(stdout);
		before = number;
		if (!fork()) {
			failed = 0;
			if (!people[i].become())
				without_privileges(people[i].who);
			fflush(stdout);
			_exit((int)failed);
		}
		wait(&status);
		number = before + COUNT(ops) + COUNT(dump_ops) + 1;
		failed += status ? 1 : 0;
	}
}

/* Bytes that no client sends; what the kernel says to them is of no interest. */
static void send_garbage(const struct genl *genl, uint32_t seed)
{
	unsigned char bytes[256];
	struct nlmsghdr *head = (void *)bytes;
	size_t len;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(seed >> 24);
	}
	len = NLMSG_HDRLEN + bytes[255] % (sizeof(bytes) - NLMSG_HDRLEN);
	if (seed & 1 << 16)
		head->nlmsg_len = (uint32_t)len;
	head->nlmsg_type = genl->family;
	head->nlmsg_flags |= NLM_F_REQUEST;
	bytes[NLMSG_HDRLEN] %= LIVEGROW_CMD_MAX + 2;
	send(genl->fd, bytes, len, 0);
}

static void garbage(struct genl *genl)
{
	char buffer[GENL_BUFFER];
	struct message msg;

	for (uint32_t seed = 0; seed < 2000 && !counting; seed++) {
		send_garbage(genl, seed);
		while (genl_receive(genl, buffer, 0))
			;
	}
	begin(genl, &msg, &ops[0], NULL);
	expect(genl, &msg, 0, "after 2000 messages of garbage: DISK_GET is answered");
}

static void all(struct genl *genl)
{
	for (size_t i = 0; i < COUNT(ops); i++)
		bad_op(genl, &ops[i]);
	bad_values(genl);
	dumps(genl);
	as_others();
	garbage(genl);
}

int main(int argc, char **argv)
{
	struct genl genl;

	if (argc != 2 || genl_open(&genl)) {
		fprintf(stderr, "usage: badinput DISK, with the module loaded\n");
		return 1;
	}
	disk = argv[1];
	counting = true;
	all(&genl);
	printf("KTAP version 1\n1..%u\n", number);
	counting = false;
	number = 0;
	all(&genl);
	return failed ? 1 : 0;
}
