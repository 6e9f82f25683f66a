// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An event as one line, for people or as one JSON object.
 *
 * In JSON the keys are those of record_fields[], each only where the kernel
 * sent it: enums in words, sizes in bytes, times in nanoseconds of
 * CLOCK_MONOTONIC. Lines of growctl's own have the key "event" alone:
 * "subscribed" (from here on nothing is missed), "lost" (some events are
 * missing), "unloaded" (the module went; "subscribed" follows when it is back).
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <linux/livegrow.h>

#include "event_print.h"
#include "json.h"
#include "names.h"

/* Room for "Nov 26 08:27:02", in any language. */
#define WHEN_TEXT 64

static const char *when_text(time_t when, char ret[WHEN_TEXT])
{
	struct tm tm;

	if (!localtime_r(&when, &tm) || !strftime(ret, WHEN_TEXT, "%b %d %H:%M:%S", &tm))
		snprintf(ret, WHEN_TEXT, "-");
	return ret;
}

static void sizes_print(const char *what, uint64_t old, uint64_t new)
{
	char a[SIZE_TEXT], b[SIZE_TEXT];

	sizes_text(old, new, a, b);
	printf("%s%s -> %s (%" PRIu64 " -> %" PRIu64 ")", what, a, b, old, new);
}

static void failure_print(const struct record *e)
{
	printf("step %s: %s", name_of_step(e->step), strerror((int)(e->error & INT32_MAX)));
	if (e->reason_text[0])
		printf(": %s", e->reason_text);
}

static void details_print(const struct record *e)
{
	char what[NAME_SIZE + 48] = "", part[NAME_SIZE + 12], size[SIZE_TEXT];

	partition_name(e->disk, e->part, part, sizeof(part));
	switch (e->event) {
	case LIVEGROW_EVENT_CAPACITY_CHANGED:
		sizes_print("", e->old_capacity, e->capacity);
		break;
	case LIVEGROW_EVENT_BACKUP_FAILED:
		printf("cannot store the old partition table: %s",
		       strerror((int)(e->backup_errno & INT32_MAX)));
		break;
	case LIVEGROW_EVENT_ROLLED_BACK:
	case LIVEGROW_EVENT_PARTITION_GROWN:
		snprintf(what, sizeof(what), "%s ", part);
		sizes_print(what, e->part_old_size, e->part_size);
		break;
	case LIVEGROW_EVENT_FILESYSTEM_GROWN:
		snprintf(what, sizeof(what), "%s %s ", part, e->fs_type);
		sizes_print(what, e->fs_old_size, e->fs_size);
		break;
	case LIVEGROW_EVENT_FAILED:
		failure_print(e);
		break;
	case LIVEGROW_EVENT_TABLE_UPDATED:
		printf("fits %s (%" PRIu64 ")", size_text(e->capacity, size), e->capacity);
		break;
	default:
		printf("%s%s%s", name_of_state(e->state), e->reason_text[0] ? ": " : "",
		       e->reason_text);
	}
}

/**
 * event_print_text() - print an event for people
 *
 * "WHEN +TIME ms  DISK  EVENT  DETAILS", the time counted from the capacity change,
 * or "-" where no change caused it.
 */
void event_print_text(const struct record *event)
{
	char when[WHEN_TEXT], ms[32] = "-";

	if (record_has(event, LIVEGROW_A_TIME_CHANGED) && event->time >= event->time_changed)
		snprintf(ms, sizeof(ms), "+%.3f ms",
			 (double)(event->time - event->time_changed) / 1e6);
	printf("%s %14s  %-6s %-17s ", when_text((time_t)clock_when(event->time), when), ms,
	       event->disk, name_of_event(event->event));
	details_print(event);
	putchar('\n');
}

static void json_value(const struct record *event, const struct field *f)
{
	const char *place = (const char *)event + f->offset;
	uint32_t number;
	uint64_t large;

	switch (f->kind) {
	case FIELD_STRING:
		json_string(stdout, place);
		break;
	case FIELD_WORD:
		memcpy(&number, place, sizeof(number));
		json_string(stdout, f->word(number));
		break;
	case FIELD_U32:
		memcpy(&number, place, sizeof(number));
		printf("%" PRIu32, number);
		break;
	case FIELD_U64:
		memcpy(&large, place, sizeof(large));
		printf("%" PRIu64, large);
		break;
	}
}

/** event_print_json() - print an event as one object on one line. */
void event_print_json(const struct record *event)
{
	const char *before = "{";

	for (size_t i = 0; i < record_n_fields; i++) {
		const struct field *f = &record_fields[i];

		if (!record_has(event, f->attr))
			continue;
		printf("%s\"%s\":", before, f->key);
		json_value(event, f);
		before = ",";
	}
	puts("}");
}

/** event_print_own() - print something that growctl itself has to say. */
void event_print_own(bool json, const char *event, const char *text)
{
	char when[WHEN_TEXT];

	if (json)
		printf("{\"event\":\"%s\"}\n", event);
	else
		printf("%s %14s  %s\n", when_text(time(NULL), when), "-", text);
}
