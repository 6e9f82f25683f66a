// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module sees no mounts of btrfs, on some kernels none at all, and never what a mapping
 * holds. growctl sees both. It hears that the disk waits by the event of the look, and
 * answers by a request. The answer is about the content, and holds until the disk grows
 * again; the wait for it happens once for each capacity.
 */
#include <linux/ktime.h>
#include <linux/math64.h>

#include "answer.h"
#include "params.h"
#include "round.h"

static u64 capacity_of(const struct lg_look *look)
{
	return look->status.capacity >> SECTOR_SHIFT;
}

static bool is_about(const struct lg_answer *answer, const struct lg_look *look)
{
	return answer->sectors && answer->sectors == capacity_of(look);
}

void lg_answer_take(struct lg_look *look, const struct lg_hint *hint)
{
	struct lg_answer *answer = &look->disk->answer;

	/* A look with limits of its own neither lends permissions nor borrows them. */
	if (lg_round_is_dry_run(look) || look->is_limited)
		return;
	if (hint->flags & (LIVEGROW_FLAG_CONTENT | LIVEGROW_FLAG_ASKED))
		*answer = (struct lg_answer){ 0 };
	else if (hint->answer)
		*answer = (struct lg_answer){
			.sectors = capacity_of(look),
			.reason = hint->answer,
		};
}

enum livegrow_reason lg_answer_now(const struct lg_look *look)
{
	const struct lg_answer *answer = &look->disk->answer;

	if (is_about(answer, look) && answer->reason)
		return answer->reason;
	if (!lg_param_content_wait())
		return LIVEGROW_REASON_NONE;
	if (is_about(answer, look) && !lg_answer_seconds(look->disk))
		return LIVEGROW_REASON_NONE;
	return LIVEGROW_REASON_CONTENT_AWAITED;
}

void lg_answer_await(struct lg_look *look)
{
	struct lg_answer *answer = &look->disk->answer;

	if (is_about(answer, look))
		return;
	*answer = (struct lg_answer){
		.sectors = capacity_of(look),
		.until_ns = ktime_get_ns() + lg_param_content_wait() * (u64)NSEC_PER_SEC,
	};
}

unsigned int lg_answer_seconds(const struct lg_disk *disk)
{
	u64 now = ktime_get_ns();

	if (now >= disk->answer.until_ns)
		return 0;
	return div_u64(disk->answer.until_ns - now - 1, NSEC_PER_SEC) + 1;
}
