// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of a policy: their names, and what each may be set to. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/livegrow.h>

#include "names.h"
#include "policy.h"
#include "util.h"

#define ALIGN_MIN UINT64_C(512)
#define ALIGN_MAX (UINT64_C(1) << 30)
#define PER_CENT_MAX 99

static int mode_parse(const char *text, struct policy_value *ret)
{
	for (uint32_t mode = LIVEGROW_MODE_AUTO; mode <= LIVEGROW_MODE_OFF; mode++)
		if (!strcmp(text, name_of_mode(mode))) {
			ret->number = mode;
			return 0;
		}
	return -EINVAL;
}

static int limit_parse(const char *text, struct policy_value *ret)
{
	if (!strcmp(text, "none")) {
		ret->number = 0;
		return 0;
	}
	return size_parse(text, &ret->number);
}

static int keep_free_parse(const char *text, struct policy_value *ret)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || strcmp(text + digits, "%"))
		return limit_parse(text, ret);
	/* strtoull() saturates, which is out of range just the same. */
	ret->number = strtoull(text, NULL, 10);
	ret->per_cent = ret->number;
	return ret->number > PER_CENT_MAX ? -ERANGE : 0;
}

static int align_parse(const char *text, struct policy_value *ret)
{
	int r = size_parse(text, &ret->number);

	if (r == 0 &&
	    (ret->number < ALIGN_MIN || ret->number > ALIGN_MAX || ret->number & (ret->number - 1)))
		r = -ERANGE;
	return r;
}

static const struct {
	const char *name, *wants;
	int (*parse)(const char *text, struct policy_value *ret);
} keys[POLICY_KEYS] = {
	[POLICY_MODE] = { "mode", "auto, ask or off", mode_parse },
	[POLICY_MAX] = { "max", "a size such as 500M or 20G, or none", limit_parse },
	[POLICY_KEEP_FREE] = { "keep-free",
			       "a size such as 500M or 20G, a share of the disk from 0% to 99%, "
			       "or none",
			       keep_free_parse },
	[POLICY_MIN_STEP] = { "min-step", "a size such as 500M or 20G, or none", limit_parse },
	[POLICY_ALIGN] = { "align", "a power of two from 512 to 1G, such as 4M", align_parse },
};

/** policy_key_name() - as the configuration file has it. */
const char *policy_key_name(enum policy_key key)
{
	return keys[key].name;
}

/** policy_key_wants() - what a key may be set to, in words. */
const char *policy_key_wants(enum policy_key key)
{
	return keys[key].wants;
}

/**
 * policy_key_find() - the key of a name
 * @name: as the configuration file has it
 * @ret: receives the key
 *
 * Returns 0 or -ENOENT.
 */
int policy_key_find(const char *name, enum policy_key *ret)
{
	for (int key = 0; key < POLICY_KEYS; key++)
		if (!strcmp(name, keys[key].name)) {
			*ret = (enum policy_key)key;
			return 0;
		}
	return -ENOENT;
}

/**
 * policy_value_parse() - a value that a person wrote
 * @key: whose it is to be
 * @text: the value, without spaces around it
 * @ret: receives it, given by nobody's file yet
 *
 * Returns 0, or -EINVAL or -ERANGE where it is not what policy_key_wants().
 */
int policy_value_parse(enum policy_key key, const char *text, struct policy_value *ret)
{
	struct policy_value value = { .given = true };
	int r = keys[key].parse(text, &value);

	if (r == 0)
		*ret = value;
	return r;
}

/* In the largest unit that leaves nothing over. */
static void size_exact(uint64_t bytes, char buf[POLICY_VALUE_TEXT])
{
	static const char units[] = "KMGTPE";
	size_t unit = 0;

	while (unit < sizeof(units) - 1 && !(bytes & 1023)) {
		bytes >>= 10;
		unit++;
	}
	if (unit)
		snprintf(buf, POLICY_VALUE_TEXT, "%" PRIu64 "%c", bytes, units[unit - 1]);
	else
		snprintf(buf, POLICY_VALUE_TEXT, "%" PRIu64, bytes);
}

/**
 * policy_value_text() - a value as it would be written in the configuration file
 * @key: whose it is
 * @value: the value
 * @buf: receives "auto", "20G", "10%", "none"; policy_value_parse() makes the same of it again
 *
 * Returns @buf.
 */
const char *policy_value_text(enum policy_key key, const struct policy_value *value,
			      char buf[POLICY_VALUE_TEXT])
{
	if (key == POLICY_MODE)
		snprintf(buf, POLICY_VALUE_TEXT, "%s", name_of_mode((uint32_t)value->number));
	else if (!value->number)
		snprintf(buf, POLICY_VALUE_TEXT, "none");
	else if (value->per_cent)
		snprintf(buf, POLICY_VALUE_TEXT, "%" PRIu64 "%%", value->number);
	else
		size_exact(value->number, buf);
	return buf;
}
