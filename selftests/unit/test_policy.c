// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is decided about a table. Most rows are a disk of 1 GiB: LBAs 0 to
 * 2097151, a partition from 2048 on, and 2097118 its last usable LBA.
 */
#include <livegrow/policy.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "ktap.h"

#define TYPE_ESP "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_RAID "a19d880f-05fc-4d3b-a006-743f0f84911e"
#define TYPE_LVM "e6d6d379-f507-44c2-a23c-238f2a3df928"

#define FULL LIVEGROW_STATE_FULL
#define WAITING LIVEGROW_STATE_WAITING
#define BLOCKED LIVEGROW_STATE_BLOCKED

struct row {
	const char *name;
	u64 header_last; /* the table's end: 2097151 */
	u64 part_last; /* 2097118 */
	const char *type;
	u64 attributes;
	u64 disk_last;
	u64 heard; /* the disk's last LBA */
	u32 align; /* 1 MiB */
	u32 flags;
	const struct lg_endmeta *endmeta;
	struct lg_holding holding;
	bool is_free; /* nothing holds the last partition */
	struct lg_limits limits;
	u64 live_last;
	bool is_once;
	enum livegrow_state state;
	enum livegrow_reason reason;
	bool write;
	bool relocate;
	u64 grow_to;
	u64 reach;
	u64 free_tail;
};

/* clang-format off */
static const struct row rows[] = {
	{ .name = "a disk that did not grow is full",
	  .disk_last = 2097151, .reach = 2097118 },
	{ .name = "growth by 1 LBA relocates alone", .disk_last = 2097152,
	  .write = true, .relocate = true, .reach = 2097118, .free_tail = 1 },
	{ .name = "growth by 32 LBAs, one less than to the alignment, relocates alone",
	  .disk_last = 2097183,
	  .write = true, .relocate = true, .reach = 2097118, .free_tail = 32 },
	{ .name = "growth by 33 LBAs, exactly to the alignment, grows", .disk_last = 2097184,
	  .write = true, .relocate = true, .grow_to = 2097151, .reach = 2097151,
	  .free_tail = 33 },
	{ .name = "growth by 34 LBAs grows to the same alignment", .disk_last = 2097185,
	  .write = true, .relocate = true, .grow_to = 2097151, .reach = 2097151,
	  .free_tail = 34 },
	{ .name = "growth by 1 GiB", .disk_last = 4194303,
	  .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "growth by 15 GiB", .disk_last = 33554431,
	  .write = true, .relocate = true, .grow_to = 33552383, .reach = 33552383,
	  .free_tail = 31457280 },
	{ .name = "aligned to a block, growth by 1 LBA grows", .disk_last = 2097152,
	  .align = 512, .write = true, .relocate = true, .grow_to = 2097119,
	  .reach = 2097119, .free_tail = 1 },
	{ .name = "aligned to 4 KiB, growth by 1 LBA exactly there", .disk_last = 2097152,
	  .align = 4096, .write = true, .relocate = true, .grow_to = 2097119,
	  .reach = 2097119, .free_tail = 1 },
	{ .name = "aligned to 4 KiB, growth by 8 LBAs grows by 1", .disk_last = 2097159,
	  .align = 4096, .write = true, .relocate = true, .grow_to = 2097119,
	  .reach = 2097119, .free_tail = 8 },
	{ .name = "aligned to 4 KiB, growth by 9 LBAs grows by 9", .disk_last = 2097160,
	  .align = 4096, .write = true, .relocate = true, .grow_to = 2097127,
	  .reach = 2097127, .free_tail = 9 },
	{ .name = "an end one LBA in front of the reach grows by one", .disk_last = 2097184,
	  .part_last = 2097118, .align = 512, .write = true, .relocate = true,
	  .grow_to = 2097151, .reach = 2097151, .free_tail = 33 },

	/* Another tool moved the backup. */
	{ .name = "growth heard, the backup moved already", .header_last = 4194303,
	  .disk_last = 4194303, .heard = 2097151,
	  .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "the backup moved and no growth heard: somebody's free tail",
	  .header_last = 4194303, .disk_last = 4194303,
	  .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "the backup moved, no growth heard, commanded", .header_last = 4194303,
	  .disk_last = 4194303, .flags = LIVEGROW_FLAG_FREE_TAIL,
	  .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "growth heard, later than the backup's place", .disk_last = 4194303,
	  .heard = 3145727, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2097152 },

	{ .name = "growth heard, then the backup moved, then growth again: all is new",
	  .header_last = 4194303, .heard = 2097151, .disk_last = 6291455,
	  .write = true, .relocate = true, .grow_to = 6289407, .reach = 6289407,
	  .free_tail = 4194304 },

	{ .name = "growth heard, then partitioned behind the old end: the rest was left",
	  .header_last = 4194303, .heard = 2097151, .disk_last = 4194303,
	  .part_last = 3145727, .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL,
	  .reach = 4192255, .free_tail = 1048543 },

	/* 64 MiB are 131072 LBAs, more than 1 % of 1 GiB. */
	{ .name = "a free tail of 64 MiB less an LBA is taken along", .disk_last = 4194303,
	  .part_last = 1966047, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2228223 },
	{ .name = "a free tail of 64 MiB is taken along", .disk_last = 4194303,
	  .part_last = 1966046, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2228224 },
	{ .name = "a free tail of 64 MiB and an LBA waits", .disk_last = 4194303,
	  .part_last = 1966045, .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL,
	  .reach = 4192255, .free_tail = 2228225 },
	{ .name = "a free tail of 64 MiB and an LBA is taken on command",
	  .disk_last = 4194303, .part_last = 1966045, .flags = LIVEGROW_FLAG_FREE_TAIL,
	  .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	  .free_tail = 2228225 },

	/* 41943000 LBAs, about 20 GiB: 1 % is 419430 of them, more than 64 MiB. */
	{ .name = "a free tail of 1 % less an LBA is taken along", .header_last = 41942999,
	  .part_last = 41523537, .disk_last = 44040191, .write = true, .relocate = true,
	  .grow_to = 44038143, .reach = 44038143, .free_tail = 2516621 },
	{ .name = "a free tail of 1 % is taken along", .header_last = 41942999,
	  .part_last = 41523536, .disk_last = 44040191, .write = true, .relocate = true,
	  .grow_to = 44038143, .reach = 44038143, .free_tail = 2516622 },
	{ .name = "a free tail of 1 % and an LBA waits", .header_last = 41942999,
	  .part_last = 41523535, .disk_last = 44040191, .state = WAITING,
	  .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 44038143, .free_tail = 2516623 },

	/* The same two where the backup moved, so that the old end was only heard. */
	{ .name = "64 MiB free at the end that was heard are taken along",
	  .header_last = 4194303, .heard = 2097151, .disk_last = 4194303,
	  .part_last = 1966046, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2228224 },
	{ .name = "64 MiB and an LBA free at the end that was heard wait",
	  .header_last = 4194303, .heard = 2097151, .disk_last = 4194303,
	  .part_last = 1966045, .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL,
	  .reach = 4192255, .free_tail = 2228225 },

	/* Nothing is new. */
	{ .name = "a small free tail that was always there stays", .disk_last = 2097151,
	  .part_last = 1966046, .reach = 2095103, .free_tail = 131072 },
	{ .name = "a small free tail that was always there is taken on command",
	  .disk_last = 2097151, .part_last = 1966046, .flags = LIVEGROW_FLAG_FREE_TAIL,
	  .write = true, .relocate = true, .grow_to = 2095103, .reach = 2095103,
	  .free_tail = 131072 },
	{ .name = "a large free tail that was always there is shown", .disk_last = 2097151,
	  .part_last = 1048575, .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL,
	  .reach = 2095103, .free_tail = 1048543 },
	{ .name = "to be asked is not to be told to take a free tail",
	  .disk_last = 2097151, .part_last = 1048575,
	  .flags = LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_CONTENT,
	  .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 2095103,
	  .free_tail = 1048543 },

	/* Types and attributes. */
	{ .name = "LVM grows", .type = TYPE_LVM, .disk_last = 4194303, .write = true,
	  .relocate = true, .grow_to = 4192255, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "swap relocates alone", .type = TYPE_SWAP, .disk_last = 4194303,
	  .state = BLOCKED, .reason = LIVEGROW_REASON_PART_TYPE, .write = true,
	  .relocate = true, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "a member that md finds from its end relocates alone", .endmeta = &lg_endmeta_md,
	  .disk_last = 4194303, .state = BLOCKED, .reason = LIVEGROW_REASON_PART_METADATA, .write = true,
	  .relocate = true, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "nor does it grow on any command", .endmeta = &lg_endmeta_drbd,
	  .disk_last = 4194303, .flags = LIVEGROW_FLAGS_ALL, .state = BLOCKED,
	  .reason = LIVEGROW_REASON_PART_METADATA, .write = true, .relocate = true,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "swap of a type that may grow relocates alone", .holding.content = LG_CONTENT_SWAP,
	  .disk_last = 4194303, .flags = LIVEGROW_FLAGS_ALL, .state = BLOCKED,
	  .reason = LIVEGROW_REASON_PART_HOLDS, .write = true, .relocate = true,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "mounted read-only waits, with nothing written",
	  .holding.mount = LG_MOUNT_READ_ONLY, .disk_last = 4194303, .state = WAITING,
	  .reason = LIVEGROW_REASON_MOUNTED_READ_ONLY, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "mounted read-only grows on a person's command",
	  .holding.mount = LG_MOUNT_READ_ONLY, .disk_last = 4194303,
	  .flags = LIVEGROW_FLAG_ASKED, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "closed LUKS waits, with nothing written", .holding.content = LG_CONTENT_LUKS,
	  .is_free = true, .disk_last = 4194303, .state = WAITING, .reason = LIVEGROW_REASON_PART_CLOSED,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "held without a mount that is seen waits for the answer",
	  .holding.answer = LIVEGROW_REASON_CONTENT_AWAITED, .disk_last = 4194303,
	  .state = WAITING, .reason = LIVEGROW_REASON_CONTENT_AWAITED, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "held without a mount that is seen grows once the wait is over",
	  .disk_last = 4194303, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "not held waits on, also when the wait is over", .is_free = true,
	  .disk_last = 4194303, .state = WAITING, .reason = LIVEGROW_REASON_CONTENT_AWAITED,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "not held grows once its content is known", .is_free = true,
	  .flags = LIVEGROW_FLAG_CONTENT, .disk_last = 4194303, .write = true, .relocate = true,
	  .grow_to = 4192255, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "growctl says no: that waits, with nothing written",
	  .holding.answer = LIVEGROW_REASON_PART_UNKNOWN, .disk_last = 4194303,
	  .state = WAITING, .reason = LIVEGROW_REASON_PART_UNKNOWN, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "an ESP relocates alone", .type = TYPE_ESP, .disk_last = 4194303,
	  .state = BLOCKED, .reason = LIVEGROW_REASON_PART_TYPE, .write = true,
	  .relocate = true, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "Linux RAID relocates alone", .type = TYPE_RAID, .disk_last = 4194303,
	  .state = BLOCKED, .reason = LIVEGROW_REASON_PART_TYPE, .write = true,
	  .relocate = true, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "swap does not grow on any command", .type = TYPE_SWAP,
	  .disk_last = 4194303, .flags = LIVEGROW_FLAGS_ALL, .state = BLOCKED,
	  .reason = LIVEGROW_REASON_PART_TYPE, .write = true, .relocate = true,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "swap behind which nothing is free is full", .type = TYPE_SWAP,
	  .disk_last = 2097151, .reach = 2097118 },
	{ .name = "attribute bit 60 relocates alone", .attributes = 1ULL << 60,
	  .disk_last = 4194303, .state = BLOCKED, .reason = LIVEGROW_REASON_PART_READ_ONLY,
	  .write = true, .relocate = true, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "every other attribute bit grows", .attributes = 0xefffffffffffffff,
	  .disk_last = 4194303, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "basic data waits, with nothing written", .type = TYPE_BASIC,
	  .disk_last = 4194303, .state = WAITING, .reason = LIVEGROW_REASON_PART_CONTENT,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "basic data whose content can grow grows", .type = TYPE_BASIC,
	  .disk_last = 4194303, .flags = LIVEGROW_FLAG_CONTENT, .write = true,
	  .relocate = true, .grow_to = 4192255, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "basic data behind which nothing is new is full", .type = TYPE_BASIC,
	  .disk_last = 2097151, .part_last = 1966046, .reach = 2095103,
	  .free_tail = 131072 },
	{ .name = "basic data with a large free tail waits for that first",
	  .type = TYPE_BASIC, .disk_last = 4194303, .part_last = 1048575, .state = WAITING,
	  .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 4192255, .free_tail = 3145695 },
	{ .name = "basic data, read only, relocates alone", .type = TYPE_BASIC,
	  .attributes = 1ULL << 60, .disk_last = 4194303, .state = BLOCKED,
	  .reason = LIVEGROW_REASON_PART_READ_ONLY, .write = true, .relocate = true,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "basic data and growth by 1 LBA relocates alone", .type = TYPE_BASIC,
	  .disk_last = 2097152, .write = true, .relocate = true, .reach = 2097118,
	  .free_tail = 1 },

	/* Somebody's limits. */
	{ .name = "max of 1.5 GiB, aligned", .disk_last = 4194303, .limits.max = 1610612736,
	  .write = true, .relocate = true, .grow_to = 3147775, .reach = 3147775,
	  .free_tail = 2097152 },
	{ .name = "a max that is no multiple of the alignment is not exceeded",
	  .disk_last = 4194303, .limits.max = 1610612735, .write = true, .relocate = true,
	  .grow_to = 3145727, .reach = 3145727, .free_tail = 2097152 },
	{ .name = "a max that the partition has: relocated alone", .disk_last = 4194303,
	  .limits.max = 1072676352, .reason = LIVEGROW_REASON_PART_MAX, .write = true,
	  .relocate = true, .reach = 2097118, .free_tail = 2097152 },
	{ .name = "a max of 1 byte makes nothing smaller", .disk_last = 4194303,
	  .limits.max = 1, .reason = LIVEGROW_REASON_PART_MAX, .write = true,
	  .relocate = true, .reach = 2097118, .free_tail = 2097152 },
	{ .name = "a max beyond the disk is none", .disk_last = 4194303,
	  .limits.max = UINT64_MAX, .write = true, .relocate = true, .grow_to = 4192255,
	  .reach = 4192255, .free_tail = 2097152 },
	{ .name = "a max of a disk that did not grow and is full is not in its way",
	  .disk_last = 2097151, .limits.max = 1072676352, .reach = 2097118 },
	{ .name = "512 MiB kept free", .disk_last = 4194303, .limits.keep_free = 536870912,
	  .write = true, .relocate = true, .grow_to = 3143679, .reach = 3143679,
	  .free_tail = 2097152 },
	{ .name = "1 byte kept free is a block", .disk_last = 4194303, .align = 512,
	  .limits.keep_free = 1, .write = true, .relocate = true, .grow_to = 4194269,
	  .reach = 4194269, .free_tail = 2097152 },
	{ .name = "10 per cent kept free", .disk_last = 4194303, .limits.keep_per_cent = 10,
	  .write = true, .relocate = true, .grow_to = 3774463, .reach = 3774463,
	  .free_tail = 2097152 },
	{ .name = "the larger of bytes and per cent is kept free", .disk_last = 4194303,
	  .limits.keep_free = 536870912, .limits.keep_per_cent = 10, .write = true,
	  .relocate = true, .grow_to = 3143679, .reach = 3143679, .free_tail = 2097152 },
	{ .name = "99 per cent kept free: relocated alone", .disk_last = 4194303,
	  .limits.keep_per_cent = 99, .reason = LIVEGROW_REASON_KEEP_FREE, .write = true,
	  .relocate = true, .reach = 2097118, .free_tail = 2097152 },
	{ .name = "more kept free than can be counted", .disk_last = 4194303,
	  .limits.keep_free = UINT64_MAX, .reason = LIVEGROW_REASON_KEEP_FREE, .write = true,
	  .relocate = true, .reach = 2097118, .free_tail = 2097152 },
	{ .name = "the smaller of max and keep-free holds", .disk_last = 4194303,
	  .limits.max = 1610612736, .limits.keep_free = 536870912, .write = true,
	  .relocate = true, .grow_to = 3143679, .reach = 3143679, .free_tail = 2097152 },
	{ .name = "what was kept free is nobody's intention at the next growth",
	  .header_last = 4194303, .part_last = 3143679, .disk_last = 6291455,
	  .limits.keep_free = 536870912, .write = true, .relocate = true,
	  .grow_to = 5240831, .reach = 5240831, .free_tail = 3147743 },
	{ .name = "a larger tail than what was kept free is", .header_last = 4194303,
	  .part_last = 3012607, .disk_last = 6291455, .limits.keep_free = 536870912,
	  .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 5240831,
	  .free_tail = 3278815 },
	{ .name = "growth by a min-step", .disk_last = 4194303, .limits.min_step = 1072710144,
	  .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	  .free_tail = 2097152 },
	{ .name = "growth by a byte less than a min-step waits, with nothing written",
	  .disk_last = 4194303, .limits.min_step = 1072710145, .state = WAITING,
	  .reason = LIVEGROW_REASON_MIN_STEP, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "a person's word takes less than a min-step", .disk_last = 4194303,
	  .limits.min_step = 1072710145, .flags = LIVEGROW_FLAG_ASKED, .write = true,
	  .relocate = true, .grow_to = 4192255, .reach = 4192255, .free_tail = 2097152 },
	{ .name = "swap behind a limit stays blocked for what it is", .type = TYPE_SWAP,
	  .disk_last = 4194303, .limits.max = 1610612736, .state = BLOCKED,
	  .reason = LIVEGROW_REASON_PART_TYPE, .write = true, .relocate = true,
	  .reach = 3147775, .free_tail = 2097152 },
	{ .name = "what the partition has live does not fit a disk that is smaller again",
	  .part_last = 1048575, .disk_last = 2097151, .live_last = 4192255, .state = WAITING,
	  .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 2095103, .free_tail = 1048543 },
	{ .name = "nor by a block", .part_last = 1048575, .disk_last = 2097151,
	  .live_last = 2097119, .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL,
	  .reach = 2095103, .free_tail = 1048543 },
	{ .name = "what it has live, and none of the tail that was left behind that",
	  .part_last = 1048575, .disk_last = 4194303, .live_last = 3147775, .write = true,
	  .relocate = true, .grow_to = 3147775, .reach = 4192255, .free_tail = 3145695 },
	{ .name = "what it has live, and what is new behind that", .part_last = 1048575,
	  .disk_last = 8388607, .heard = 4194303, .live_last = 4192255, .write = true,
	  .relocate = true, .grow_to = 8386559, .reach = 8386559, .free_tail = 7339999 },
	{ .name = "what was too little for the alignment is nobody's intention",
	  .header_last = 5872024, .part_last = 4194303, .disk_last = 8388607,
	  .align = 1 << 30, .write = true, .relocate = true, .grow_to = 6291455,
	  .reach = 6291455, .free_tail = 4194271 },
	{ .name = "one command's limit is in the way: the backup stays", .disk_last = 4194303,
	  .limits.max = 1, .is_once = true, .reason = LIVEGROW_REASON_PART_MAX,
	  .reach = 2097118, .free_tail = 2097152 },
	{ .name = "one command's limit and growth up to it", .disk_last = 4194303,
	  .limits.max = 1610612736, .is_once = true, .write = true, .relocate = true,
	  .grow_to = 3147775, .reach = 3147775, .free_tail = 2097152 },
	{ .name = "what the partition has live is within every limit", .disk_last = 4194303,
	  .limits.max = 1, .limits.min_step = UINT64_MAX, .live_last = 3147775,
	  .flags = LIVEGROW_FLAG_FREE_TAIL, .write = true, .relocate = true,
	  .grow_to = 3147775, .reach = 3147775, .free_tail = 2097152 },
};
/* clang-format on */

static void check_goal(const struct disk *disk, const struct row *row)
{
	struct loaded l;
	struct lg_goal goal;
	struct lg_wish wish = {
		.heard_last = row->heard ?: row->disk_last,
		.align = row->align ?: 1048576,
		.flags = row->flags,
		.endmeta = row->endmeta,
		.holding = row->holding,
		.limits = row->limits,
		.live_last = row->live_last,
		.is_once = row->is_once,
	};

	wish.holding.content = row->holding.content ?: LG_CONTENT_FILESYSTEM;
	wish.holding.is_held = !row->is_free;
	CHECK_EQ(fixture_load(disk, &l), LIVEGROW_REASON_NONE);
	memset(&goal, 0xff, sizeof(goal));
	lg_policy(&l.table, &wish, &goal);
	CHECK_EQ(goal.state, row->state ?: FULL);
	CHECK_EQ(goal.reason, row->reason);
	CHECK_EQ(goal.write, row->write);
	CHECK_EQ(goal.relocate, row->relocate);
	CHECK_EQ(goal.grow_to, row->grow_to);
	CHECK_EQ(goal.reach, row->reach);
	CHECK_EQ(goal.free_tail, row->free_tail);
	CHECK(goal.part == lg_table_last_part(&l.table));
	ktap_result(row->name, NULL);
	loaded_free(&l);
}

static void check_spec(const struct spec *spec, const struct row *row)
{
	struct disk disk;

	fixture_new(&disk, spec, row->disk_last);
	check_goal(&disk, row);
	disk_free(&disk);
}

static void test_rows(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct spec spec = {
			.last_lba = row->header_last ?: 2097151,
			.mbr_size = 0xffffffff,
			.parts = { { 1, 2048, row->part_last ?: 2097118, row->type,
				     row->attributes } },
		};

		spec.last_usable = spec.last_lba - 33;
		check_spec(&spec, row);
	}
}

/* Tables of other shapes, each with its own literals. */
static const struct {
	struct spec spec;
	struct row row;
	/* clang-format off */
} shapes[] = {
	{ { .lba_size = 4096, .last_lba = 262143, .first_usable = 6, .last_usable = 262138,
	    .mbr_size = 0xffffffff, .parts = { { 1, 256, 262138, 0, 0 } } },
	  { .name = "blocks of 4096, growth by 1 GiB", .disk_last = 524287, .write = true,
	    .relocate = true, .grow_to = 524031, .reach = 524031, .free_tail = 262144 } },
	{ { .lba_size = 4096, .last_lba = 262143, .first_usable = 6, .last_usable = 262138,
	    .mbr_size = 0xffffffff, .parts = { { 1, 256, 245754, 0, 0 } } },
	  { .name = "blocks of 4096, a free tail of 64 MiB", .disk_last = 524287,
	    .write = true, .relocate = true, .grow_to = 524031, .reach = 524031,
	    .free_tail = 278528 } },
	{ { .lba_size = 4096, .last_lba = 262143, .first_usable = 6, .last_usable = 262138,
	    .mbr_size = 0xffffffff, .parts = { { 1, 256, 245753, 0, 0 } } },
	  { .name = "blocks of 4096, a free tail of 64 MiB and an LBA", .disk_last = 524287,
	    .state = WAITING, .reason = LIVEGROW_REASON_FREE_TAIL, .reach = 524031,
	    .free_tail = 278529 } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .mbr_size = 0xffffffff,
	    .parts = { { 1, 1048576, 2097118, 0, 0 },
		       { 2, 2048, 1048575, TYPE_SWAP, 0 } } },
	  { .name = "partition 1 last by offset is the one", .disk_last = 4194303,
	    .write = true, .relocate = true, .grow_to = 4192255, .reach = 4192255,
	    .free_tail = 2097152 } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .mbr_size = 0xffffffff },
	  { .name = "no partition, grown: relocated", .disk_last = 4194303,
	    .state = BLOCKED, .reason = LIVEGROW_REASON_NO_PARTITION, .write = true,
	    .relocate = true } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .mbr_size = 0xffffffff },
	  { .name = "no partition, not grown: nothing", .disk_last = 2097151,
	    .state = BLOCKED, .reason = LIVEGROW_REASON_NO_PARTITION } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .mbr_size = 2097150,
	    .parts = { { 1, 2048, 2097118, 0, 0 } } },
	  { .name = "the protective MBR's size alone is wrong", .disk_last = 2097151,
	    .write = true, .reach = 2097118 } },
	{ { .last_lba = 2097151, .last_usable = 2097118,
	    .parts = { { 1, 2048, 2097118, TYPE_BASIC, 0 } } },
	  { .name = "waiting leaves the protective MBR alone", .disk_last = 4194303,
	    .state = WAITING, .reason = LIVEGROW_REASON_PART_CONTENT, .reach = 4192255,
	    .free_tail = 2097152 } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .header_size = 496,
	    .mbr_size = 0xffffffff, .parts = { { 1, 2048, 2097118, 0, 0 } } },
	  { .name = "a header of 496 bytes leaves room for the marker",
	    .disk_last = 4194303, .write = true, .relocate = true, .grow_to = 4192255,
	    .reach = 4192255, .free_tail = 2097152 } },
	{ { .last_lba = 2097151, .last_usable = 2097118, .header_size = 497,
	    .mbr_size = 0xffffffff, .parts = { { 1, 2048, 2097118, 0, 0 } } },
	  { .name = "a header of 497 bytes does not, and is relocated",
	    .disk_last = 4194303, .state = BLOCKED,
	    .reason = LIVEGROW_REASON_RESERVED_BYTES, .write = true, .relocate = true,
	    .reach = 4192255, .free_tail = 2097152 } },
	/* The backup's array stands elsewhere, so that a partition may reach further. */
	{ { .last_lba = 2097151, .last_usable = 2097150, .backup_array = 40,
	    .mbr_size = 0xffffffff, .parts = { { 1, 2048, 2097150, 0, 0 } } },
	  { .name = "a partition over the new backup's place leaves no room",
	    .disk_last = 2097182, .state = BLOCKED, .reason = LIVEGROW_REASON_NO_ROOM,
	    .reach = 2097150 } },
	{ { .last_lba = 2097151, .last_usable = 2097150, .backup_array = 40,
	    .mbr_size = 0xffffffff, .parts = { { 1, 2048, 2097150, 0, 0 } } },
	  { .name = "one LBA more leaves room", .disk_last = 2097183, .write = true,
	    .relocate = true, .reach = 2097150 } },
	{ { .last_lba = 2097151, .last_usable = 2097150, .backup_array = 40,
	    .mbr_size = 0xffffffff, .parts = { { 1, 2048, 2097150, 0, 0 } } },
	  { .name = "a partition over the backup's usual place is full, not grown",
	    .disk_last = 2097151, .reach = 2097150 } },
	{ { .last_lba = 8202, .nr_entries = 32768, .first_usable = 8194,
	    .last_usable = 8200, .backup_array = 2, .mbr_size = 0xffffffff },
	  { .name = "a disk too small for a second array leaves no room",
	    .disk_last = 16386, .state = BLOCKED, .reason = LIVEGROW_REASON_NO_ROOM } },
	{ { .last_lba = 8202, .nr_entries = 32768, .first_usable = 8194,
	    .last_usable = 8200, .backup_array = 2, .mbr_size = 0xffffffff },
	  { .name = "a disk with just enough for a second array is relocated",
	    .disk_last = 16387, .state = BLOCKED, .reason = LIVEGROW_REASON_NO_PARTITION,
	    .write = true, .relocate = true } },
};
/* clang-format on */

static void test_shapes(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
		check_spec(&shapes[i].spec, &shapes[i].row);
}

static const struct spec plain = {
	.last_lba = 2097151,
	.last_usable = 2097118,
	.mbr_size = 0xffffffff,
	.parts = { { 1, 2048, 2097118, 0, 0 } },
};

/* The marker's place, used by somebody else, or by a marker already. */
static void test_reserved(void)
{
	static const struct row foreign = {
		.name = "foreign bytes at the marker's place are kept, and relocated",
		.disk_last = 4194303,
		.state = BLOCKED,
		.reason = LIVEGROW_REASON_RESERVED_BYTES,
		.write = true,
		.relocate = true,
		.reach = 4192255,
		.free_tail = 2097152,
	};
	static const struct row marked = {
		.name = "a marker that was left there is no foreign byte",
		.disk_last = 4194303,
		.write = true,
		.relocate = true,
		.grow_to = 4192255,
		.reach = 4192255,
		.free_tail = 2097152,
	};
	struct disk disk;

	fixture_new(&disk, &plain, 4194303);
	disk_at(&disk, 1)[496] = 1;
	check_goal(&disk, &foreign);
	fixture_marker(disk_at(&disk, 1), 512, 2);
	check_goal(&disk, &marked);
	disk_free(&disk);
}

/* A power cut in a commit's first step leaves the primary alone to carry the table. */
static void test_torn(void)
{
	static const struct {
		u64 lba;
		struct row row;
	} torn[] = {
		{ 2097151,
		  { .name = "a torn backup header is written anew",
		    .disk_last = 2097151,
		    .write = true,
		    .relocate = true,
		    .reach = 2097118 } },
		{ 2097119,
		  { .name = "a torn backup array is written anew",
		    .disk_last = 2097151,
		    .write = true,
		    .relocate = true,
		    .reach = 2097118 } },
	};
	static const struct row waits = {
		.name = "and so it is while the partition waits for a word",
		.disk_last = 2097151,
		.state = WAITING,
		.reason = LIVEGROW_REASON_FREE_TAIL,
		.write = true,
		.relocate = true,
		.reach = 2095103,
		.free_tail = 1048543,
	};
	struct spec tail = plain;
	struct disk disk;

	for (size_t i = 0; i < ARRAY_SIZE(torn); i++) {
		fixture_new(&disk, &plain, 2097151);
		disk_at(&disk, torn[i].lba)[8] ^= 1;
		check_goal(&disk, &torn[i].row);
		disk_free(&disk);
	}
	tail.parts[0].last = 1048575;
	fixture_new(&disk, &tail, 2097151);
	disk_at(&disk, 2097151)[8] ^= 1;
	check_goal(&disk, &waits);
	disk_free(&disk);
}

int main(void)
{
	test_rows();
	test_shapes();
	test_reserved();
	test_torn();
	return ktap_end();
}
