// SPDX-License-Identifier: GPL-2.0-only
/* Reading a kernel uevent: strings one behind the other, each ended by a NUL. */
#include <livegrow/uevent.h>

/* The value when the string is "key" followed by it. @key ends with '='. */
static const char *value_of(const char *string, size_t len, const char *key,
			    size_t key_len)
{
	if (len < key_len || memcmp(string, key, key_len))
		return NULL;
	return string + key_len;
}

static bool is_string(const char *string, size_t len, const char *expected,
		      size_t expected_len)
{
	return len == expected_len && !memcmp(string, expected, len);
}

#define VALUE_OF(string, len, key) value_of(string, len, key, sizeof(key) - 1)
#define IS_STRING(string, len, expected) is_string(string, len, expected, sizeof(expected) - 1)

/* DEVNAME, when it fits: a longer one is no disk's. */
static void take_name(struct lg_uevent *event, const char *string, size_t len)
{
	const char *name = VALUE_OF(string, len, "DEVNAME=");
	size_t name_len;

	if (!name)
		return;
	name_len = len - (size_t)(name - string);
	if (name_len >= sizeof(event->disk))
		return;
	memcpy(event->disk, name, name_len);
	event->disk[name_len] = '\0';
}

bool lg_uevent_parse(const char *msg, size_t len, struct lg_uevent *event)
{
	bool action = false, block = false, disk = false;
	const char *end;
	size_t n;

	*event = (struct lg_uevent){ 0 };
	while ((end = memchr(msg, '\0', len))) {
		n = (size_t)(end - msg);
		action |= IS_STRING(msg, n, "ACTION=change") ||
			  IS_STRING(msg, n, "ACTION=add");
		block |= IS_STRING(msg, n, "SUBSYSTEM=block");
		disk |= IS_STRING(msg, n, "DEVTYPE=disk");
		event->resize |= IS_STRING(msg, n, "RESIZE=1");
		take_name(event, msg, n);
		len -= n + 1;
		msg = end + 1;
	}
	return action && block && disk && event->disk[0];
}
