// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's messages: one table drives how they are read and how JSON names them. */

#include <errno.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <linux/livegrow.h>

#include "names.h"
#include "record.h"
#include "text.h"

#define FIELD(a, k, name, member, w)                                    \
	{                                                               \
		.attr = LIVEGROW_A_##a, .kind = FIELD_##k, .key = name, \
		.offset = offsetof(struct record, member),              \
		.size = sizeof(((struct record *)0)->member), .word = w \
	}

/* In the order in which `watch --json` prints them. */
const struct field record_fields[] = {
	FIELD(EVENT, WORD, "event", event, name_of_event),
	FIELD(SEQ, U32, "seq", seq, NULL),
	FIELD(TIME, U64, "time", time, NULL),
	FIELD(TIME_CHANGED, U64, "time_changed", time_changed, NULL),
	FIELD(TIME_TABLE, U64, "time_table", time_table, NULL),
	FIELD(TIME_PART, U64, "time_part", time_part, NULL),
	FIELD(DISK, STRING, "disk", disk, NULL),
	FIELD(DRIVER, STRING, "driver", driver, NULL),
	FIELD(MODE, WORD, "mode", mode, name_of_mode),
	FIELD(PART_MAX, U64, "max", part_max, NULL),
	FIELD(KEEP_FREE, U64, "keep_free", keep_free, NULL),
	FIELD(KEEP_PER_CENT, U32, "keep_per_cent", keep_per_cent, NULL),
	FIELD(MIN_STEP, U64, "min_step", min_step, NULL),
	FIELD(ALIGN, U32, "align", align, NULL),
	FIELD(STATE, WORD, "state", state, name_of_state),
	FIELD(REASON, WORD, "reason", reason, name_of_reason),
	FIELD(REASON_TEXT, STRING, "reason_text", reason_text, NULL),
	FIELD(STEP, WORD, "step", step, name_of_step),
	FIELD(ERRNO, U32, "errno", error, NULL),
	FIELD(LOOK, U32, "look", look, NULL),
	FIELD(FLAGS, U32, "flags", flags, NULL),
	FIELD(CAPACITY, U64, "capacity", capacity, NULL),
	FIELD(OLD_CAPACITY, U64, "old_capacity", old_capacity, NULL),
	FIELD(LBA_SIZE, U32, "lba_size", lba_size, NULL),
	FIELD(PART, U32, "part", part, NULL),
	FIELD(PART_START, U64, "part_start", part_start, NULL),
	FIELD(PART_SIZE, U64, "part_size", part_size, NULL),
	FIELD(PART_OLD_SIZE, U64, "part_old_size", part_old_size, NULL),
	FIELD(PART_REACH, U64, "part_reach", part_reach, NULL),
	FIELD(FREE_TAIL, U64, "free_tail", free_tail, NULL),
	FIELD(PART_HELD, U32, "part_held", part_held, NULL),
	FIELD(BACKUPS, U32, "backups", backups, NULL),
	FIELD(BACKUP_ERRNO, U32, "backup_errno", backup_errno, NULL),
	FIELD(FS_TYPE, STRING, "fs_type", fs_type, NULL),
	FIELD(FS_OLD_SIZE, U64, "fs_old_size", fs_old_size, NULL),
	FIELD(FS_SIZE, U64, "fs_size", fs_size, NULL),
	FIELD(BACKUP_ID, U32, "backup_id", backup_id, NULL),
	FIELD(BACKUP_TIME, U64, "backup_time", backup_time, NULL),
	FIELD(BACKUP_SIZE, U32, "backup_size", backup_size, NULL),
	FIELD(BACKUP_OFFSET, U32, "backup_offset", backup_offset, NULL),
};
const size_t record_n_fields = ARRAY_SIZE(record_fields);

/* All but PAD and BACKUP_DATA, which nl_backup.c reads. */
static_assert(ARRAY_SIZE(record_fields) == LIVEGROW_A_MAX - 2, "an attribute lacks its field");

/** record_has() - whether the message had that attribute. */
bool record_has(const struct record *rec, int attr)
{
	return rec->has >> attr & 1;
}

/** record_would_write() - whether a dry run found something to write: it waits without a reason. */
bool record_would_write(const struct record *rec)
{
	return rec->state == LIVEGROW_STATE_WAITING && rec->reason == LIVEGROW_REASON_NONE;
}

/**
 * record_since_change() - how long after the change of the disk's size something was
 * @rec: an event
 * @attr: enum livegrow_attr of its time
 * @time: that time
 * @ret_ns: receives it
 *
 * Returns whether the event tells.
 */
bool record_since_change(const struct record *rec, int attr, uint64_t time, uint64_t *ret_ns)
{
	if (!record_has(rec, attr) || !record_has(rec, LIVEGROW_A_TIME_CHANGED) ||
	    time < rec->time_changed)
		return false;
	*ret_ns = time - rec->time_changed;
	return true;
}

/** record_reason() - why its state is what it is: the module's words, or the reason's name. */
const char *record_reason(const struct record *rec)
{
	return rec->reason_text[0] ? rec->reason_text : name_of_reason(rec->reason);
}

/** record_limits() - how far the module lets its last partition grow. */
struct lg_limits record_limits(const struct record *rec)
{
	return (struct lg_limits){
		.max = rec->part_max,
		.keep_free = rec->keep_free,
		.keep_per_cent = rec->keep_per_cent,
		.min_step = rec->min_step,
		.align = rec->align,
	};
}

static void policy_fill(struct nla_policy policy[LIVEGROW_A_MAX + 1])
{
	for (size_t i = 0; i < record_n_fields; i++) {
		const struct field *f = &record_fields[i];

		policy[f->attr].type = f->kind == FIELD_STRING ? NLA_STRING :
				       f->kind == FIELD_U64    ? NLA_U64 :
								 NLA_U32;
	}
}

/* The text goes to terminals and into JSON: nothing in it may steer the one or break the other. */
static void string_read(char *dst, const struct nlattr *nla, size_t size)
{
	nla_strlcpy(dst, nla, size);
	text_clean(dst);
}

static void field_read(struct record *rec, const struct field *f, const struct nlattr *nla)
{
	char *place = (char *)rec + f->offset;
	uint32_t number;
	uint64_t large;

	switch (f->kind) {
	case FIELD_STRING:
		string_read(place, nla, f->size);
		break;
	case FIELD_U64:
		large = nla_get_u64(nla);
		memcpy(place, &large, sizeof(large));
		break;
	case FIELD_U32:
	case FIELD_WORD:
		number = nla_get_u32(nla);
		memcpy(place, &number, sizeof(number));
		break;
	}
	rec->has |= UINT64_C(1) << f->attr;
}

/**
 * record_parse() - read a message of the family
 * @nlh: a generic-netlink message, its length already checked against the buffer
 * @ret: receives what it says
 *
 * Attributes that this growctl does not know are passed over. The disk's name
 * becomes a part of paths: a message whose name could lead elsewhere is refused.
 *
 * Returns 0 or -EBADMSG.
 */
int record_parse(struct nlmsghdr *nlh, struct record *ret)
{
	struct nla_policy policy[LIVEGROW_A_MAX + 1] = { 0 };
	struct nlattr *tb[LIVEGROW_A_MAX + 1];
	struct record rec = { 0 };

	policy_fill(policy);
	if (!genlmsg_valid_hdr(nlh, 0) || genlmsg_parse(nlh, 0, tb, LIVEGROW_A_MAX, policy) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < record_n_fields; i++)
		if (tb[record_fields[i].attr])
			field_read(&rec, &record_fields[i], tb[record_fields[i].attr]);
	if (record_has(&rec, LIVEGROW_A_DISK) && !disk_name_valid(rec.disk))
		return -EBADMSG;
	*ret = rec;
	return 0;
}
