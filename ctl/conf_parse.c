// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One configuration file's text: growctl.conf(5).
 *
 * inih takes "key = value" apart. It is handed one line after the other, and only those:
 * it would cut a section's name to 49 bytes, take keys after a head that it cannot read for
 * those of the section before, take a line that begins with a space for more of the value
 * before, split a line that is too long for it, end one at a NUL, and name the line of its
 * first error alone.
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "conf_list.h"
#include "names.h"
#include "util.h"

#define RULES_MAX 4096
/* Of a section's head: a path and some. */
#define HEAD_MAX 4200
#define WORDS 640
#define BOM "\xef\xbb\xbf"

enum place { BEFORE_SECTIONS, IN_RULE, IN_UNKNOWN };

/**
 * struct parse - how far a file was read
 * @at: what was not read yet, until @end
 * @line: the one that was read last
 * @place: whose the next keys are; of IN_RULE, the last rule's
 * @handed: inih has @line and must call for it
 * @err: -ENOMEM ends it
 */
struct parse {
	struct conf *conf;
	const char *file, *at, *end;
	unsigned int line;
	enum place place;
	bool handed;
	int err;
};

static const char *const kinds[CONF_KINDS] = {
	[CONF_ALL] = "all",   [CONF_NAME] = "name",   [CONF_SERIAL] = "serial",
	[CONF_LINK] = "link", [CONF_LABEL] = "label", [CONF_MOUNTPOINT] = "mountpoint",
};

/** conf_kind_name() - as a section begins: "all", "name", "serial". */
const char *conf_kind_name(enum conf_kind kind)
{
	return kinds[kind];
}

static struct conf_rule *rule_now(struct parse *p)
{
	return p->place == IN_RULE ? &p->conf->rules[p->conf->n_rules - 1] : NULL;
}

static void error_keep(struct parse *p, const struct conf_error *error, bool for_all)
{
	int r = for_all ? conf_error_for_all(p->conf, error) : conf_error_new(p->conf, error);

	if (r < 0)
		p->err = r;
}

/* The keys that follow are nobody knows whose. */
static void head_wrong(struct parse *p, char *section, const char *what)
{
	struct conf_error error = {
		.file = p->file, .line = p->line, .section = section, .text = (char *)what
	};

	error_keep(p, &error, true);
	p->place = IN_UNKNOWN;
}

/* Within a section that was not understood, its head alone is told. */
static void __attribute__((format(printf, 3, 4)))
line_wrong(struct parse *p, char *key, const char *format, ...)
{
	struct conf_rule *rule = rule_now(p);
	char words[WORDS];
	struct conf_error error = { .file = p->file, .line = p->line, .key = key, .text = words };
	va_list args;

	if (p->place == IN_UNKNOWN)
		return;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	if (rule) {
		error.section = rule->section;
		if (!rule->broken_line)
			rule->broken_line = p->line;
	}
	error_keep(p, &error, !rule);
}

/* Cuts the spaces off both ends. */
static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n && strchr(" \t\r", text[n - 1]))
		n--;
	text[n] = '\0';
	return text;
}

static bool is_name(const char *text)
{
	return disk_name_valid(text) && !text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							   "abcdefghijklmnopqrstuvwxyz"
							   "0123456789-_.!:")];
}

static bool is_link(const char *text)
{
	if (strstr(text, "/../") || strstr(text, "/./"))
		return false;
	return !strncmp(text, "/dev/disk/", 10) ? text[10] : !strchr(text, '/') && text[0] != '.';
}

/* What is wrong with what a section names a disk by; NULL where nothing is. */
static const char *text_wrong(enum conf_kind kind, const char *text)
{
	if (!text[0])
		return "what is behind the = is missing; say as [name=vdb]";
	if (kind == CONF_NAME && !is_name(text))
		return "a name is the kernel's, without /dev/ and without patterns; say as "
		       "[name=vdb]";
	if (kind == CONF_LINK && !is_link(text))
		return "a link is a name in /dev/disk/by-id, or a path below /dev/disk; say as "
		       "[link=virtio-data-1]";
	if (kind == CONF_MOUNTPOINT && text[0] != '/')
		return "a mountpoint begins with /; say as [mountpoint=/srv]";
	return NULL;
}

static bool kind_find(const char *word, enum conf_kind *ret)
{
	for (int kind = 0; kind < CONF_KINDS; kind++)
		if (!strcmp(word, kinds[kind])) {
			*ret = (enum conf_kind)kind;
			return true;
		}
	return false;
}

/* Trailing slashes name the same place. */
static void slashes_cut(char *text)
{
	size_t n = strlen(text);

	while (n > 1 && text[n - 1] == '/')
		text[--n] = '\0';
}

static void rule_begin(struct parse *p, enum conf_kind kind, const char *text)
{
	struct conf_rule rule = { .kind = kind, .file = p->file, .line = p->line };
	int n = asprintf(&rule.section, "%s%s%s", kinds[kind], text[0] ? "=" : "", text);

	if (n < 0) {
		p->err = -ENOMEM;
		return;
	}
	rule.text = rule.section + n - strlen(text);
	p->err = conf_rule_new(p->conf, &rule);
	if (p->err < 0)
		free(rule.section);
	else
		p->place = IN_RULE;
}

/* What stands between the brackets. */
static void section_take(struct parse *p, char *section)
{
	char whole[WORDS], *equals = strchr(section, '='), *text = section + strlen(section);
	enum conf_kind kind;
	const char *wrong;

	snprintf(whole, sizeof(whole), "%s", section);
	if (equals) {
		*equals = '\0';
		text = trim(equals + 1);
	}
	if (!kind_find(trim(section), &kind) || !equals != (kind == CONF_ALL)) {
		head_wrong(p, whole,
			   "no such kind of section; say [all], or as [name=vdb], [serial=data-1], "
			   "[link=virtio-data-1], [label=DATA] or [mountpoint=/srv]");
		return;
	}
	wrong = equals ? text_wrong(kind, text) : NULL;
	if (!wrong && p->conf->n_rules == RULES_MAX)
		wrong = "more than 4096 sections; of rules that say the same, make one";
	if (wrong) {
		head_wrong(p, whole, wrong);
		return;
	}
	if (kind == CONF_MOUNTPOINT)
		slashes_cut(text);
	rule_begin(p, kind, text);
}

/* A line that begins with a bracket. */
static void head_take(struct parse *p, char *line)
{
	char *end = strchr(line, ']'), *behind;

	if (!end) {
		head_wrong(p, NULL, "the section's head has no ] at its end; say as [name=vdb]");
		return;
	}
	behind = end + 1 + strspn(end + 1, " \t");
	*end = '\0';
	if (*behind && *behind != '#' && *behind != ';')
		head_wrong(p, trim(line + 1),
			   "text behind the section's ]; a line ends with it, and nothing that a "
			   "section names has one");
	else
		section_take(p, trim(line + 1));
}

static bool has_control(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return true;
	return false;
}

/* Whether the bytes are a line of text; one with a NUL can have been any. */
static bool line_check(struct parse *p, const char *line, size_t len)
{
	if (memchr(line, '\0', len))
		head_wrong(p, NULL, "the line has NUL bytes; write the file anew, as plain text");
	else if (has_control(line, len) && line[0] == '[')
		head_wrong(p, NULL, "the section's head has control characters; remove them");
	else if (has_control(line, len))
		line_wrong(p, NULL, "the line has control characters; remove them");
	else if (len > HEAD_MAX && line[0] == '[')
		head_wrong(p, NULL, "the section's head is too long; no path is longer than 4096");
	else
		return true;
	return false;
}

/* A line without the spaces around it. */
static const char *line_cut(struct parse *p, size_t *ret_len)
{
	const char *line = p->at, *end = memchr(line, '\n', (size_t)(p->end - line));

	p->at = end ? end + 1 : p->end;
	p->line++;
	if (!end)
		end = p->end;
	while (line < end && strchr(" \t", *line) && *line)
		line++;
	while (end > line && end[-1] && strchr(" \t\r", end[-1]))
		end--;
	*ret_len = (size_t)(end - line);
	return line;
}

static void line_take(struct parse *p, const char *line, size_t len, char *buf, size_t size)
{
	char head[HEAD_MAX + 1];

	if (!len || *line == '#' || *line == ';' || !line_check(p, line, len))
		return;
	if (*line == '[') {
		memcpy(head, line, len);
		head[len] = '\0';
		head_take(p, head);
	} else if (len + 2 > size) {
		line_wrong(p, NULL, "the line is too long; nothing that a key takes is");
	} else {
		memcpy(buf, line, len);
		memcpy(buf + len, "\n", 2);
		p->handed = true;
	}
}

static void handed_check(struct parse *p)
{
	if (p->handed)
		line_wrong(p, NULL, "neither a section, nor key = value, nor a comment");
	p->handed = false;
}

/* For inih, in place of fgets(): what it need not see is an empty line. */
static char *line_next(char *buf, int size, void *stream)
{
	struct parse *p = stream;
	const char *line;
	size_t len;

	handed_check(p);
	if (p->err < 0 || p->at == p->end || size < 2)
		return NULL;
	snprintf(buf, (size_t)size, "\n");
	line = line_cut(p, &len);
	line_take(p, line, len, buf, (size_t)size);
	return buf;
}

static void key_take(struct parse *p, const char *name, const char *text)
{
	struct conf_rule *rule = rule_now(p);
	struct policy_value value;
	enum policy_key key;

	if (p->place == BEFORE_SECTIONS) {
		line_wrong(p, (char *)name, "a key before any section; say [all] above it");
	} else if (!rule) {
		return;
	} else if (policy_key_find(name, &key) < 0) {
		line_wrong(p, (char *)name,
			   "no such key; there are mode, max, keep-free, min-step and align");
	} else if (policy_value_parse(key, text, &value) < 0) {
		line_wrong(p, (char *)name, "not '%.64s', but %s", text, policy_key_wants(key));
	} else {
		value.file = p->file;
		value.line = p->line;
		value.section = rule->section;
		rule->values[key] = value;
	}
}

/* Of inih; what its build options add is left out: a call for a section, a key without a value. */
static int on_key(void *user, const char *section, const char *name, const char *text)
{
	struct parse *p = user;

	(void)section;
	if (!p->handed || !name || !text)
		return 1;
	p->handed = false;
	key_take(p, name, text);
	return 1;
}

/**
 * conf_parse() - take the rules and errors of a file's text
 * @conf: receives them
 * @file: its name, as conf_file_new() keeps it
 * @text: what is in it
 * @len: bytes of @text
 *
 * Returns 0 whatever is in it, or -ENOMEM.
 */
int conf_parse(struct conf *conf, const char *file, const char *text, size_t len)
{
	struct parse p = { .conf = conf, .file = file, .at = text, .end = text + len };
	int r;

	if (len >= strlen(BOM) && !memcmp(text, BOM, strlen(BOM)))
		p.at += strlen(BOM);
	r = ini_parse_stream(line_next, &p, on_key, &p);
	if (p.err == 0 && r == -2)
		p.err = -ENOMEM;
	return p.err;
}
