// SPDX-License-Identifier: GPL-2.0-only
/* Decide whether and when a look is repeated, and run the timer. */
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/workqueue.h>

#include "answer.h"
#include "disk.h"
#include "look.h"
#include "retry.h"

/*
 * A failed look is repeated after 1, 2, 4 s, and so on up to this. A remount is announced
 * to the daemon, which has the disk looked at, so that waiting for one may last longer.
 */
#define RETRY_MAX_S	60U
#define REMOUNT_MAX_S	600U

/* They say what is so when they are sent; a retry asks growctl again. */
#define PASSING_FLAGS	(LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_CONTENT | LIVEGROW_FLAG_SHRUNK)

void lg_retry_cancel(struct lg_disk *disk)
{
	if (cancel_delayed_work(&disk->retry))
		lg_disk_put(disk);
}

static void retry(struct work_struct *work)
{
	struct lg_disk *disk = container_of(to_delayed_work(work), struct lg_disk, retry);

	mutex_lock(&lg_disks_lock);
	if (!lg_disk_is_gone(disk))
		lg_disk_look(disk, READ_ONCE(disk->retry_flags), 0);
	mutex_unlock(&lg_disks_lock);
	lg_disk_put(disk);
}

void lg_retry_init(struct lg_disk *disk)
{
	INIT_DELAYED_WORK(&disk->retry, retry);
}

/*
 * The timer holds neither the disk's driver nor its device, so that both can go at any
 * time. Under the lock, lg_disk_remove() either sees the timer or is seen here.
 * Return: false if a timer runs already.
 */
static bool start_in(struct lg_disk *disk, struct workqueue_struct *queue, u32 flags,
		     unsigned int seconds)
{
	bool started;

	WRITE_ONCE(disk->retry_flags, flags);
	spin_lock(&disk->lock);
	started = !disk->gone && queue_delayed_work(queue, &disk->retry, seconds * HZ);
	/* The work has a reference, so this is not the first. */
	if (started)
		kref_get(&disk->ref);
	spin_unlock(&disk->lock);
	return started;
}

static void start(struct lg_disk *disk, struct workqueue_struct *queue, u32 flags,
		  unsigned int max)
{
	unsigned int delay = clamp(2 * disk->retry_s, 1U, max);

	/* An earlier cause allowed a longer delay, and that retry may be pending still. */
	if (disk->retry_s > max || disk->retry_awaits)
		lg_retry_cancel(disk);
	disk->retry_awaits = false;
	if (start_in(disk, queue, flags, delay))
		disk->retry_s = delay;
}

/* A failed look's retry waits for growctl: the delay of the next one stays as it is. */
static void await(struct lg_disk *disk, struct workqueue_struct *queue)
{
	lg_retry_cancel(disk);
	disk->retry_awaits = true;
	start_in(disk, queue, 0, lg_answer_seconds(disk));
}

static void stop(struct lg_disk *disk)
{
	disk->retry_s = 0;
	disk->retry_awaits = false;
	WRITE_ONCE(disk->retry_flags, 0);
	lg_retry_cancel(disk);
}

/*
 * A person who asked for a look hears of its failure, and asks again. But once the new
 * table may be in force, the module finishes the growth without a person.
 */
static bool is_order(const struct lg_hint *hint)
{
	return hint->rollback.part || hint->is_limited || hint->flags & LIVEGROW_FLAG_ASKED;
}

void lg_retry_after(struct lg_disk *disk, struct workqueue_struct *queue,
		    const struct lg_hint *hint)
{
	if (is_order(hint) && lg_look_may_pass(disk->look)) {
		if (lg_look_has_switched(disk->look))
			start(disk, queue, 0, RETRY_MAX_S);
		return;
	}
	/* Permissions were given for the situation of then: a remount may be days away. */
	if (lg_look_has_failed(disk->look) && lg_look_may_pass(disk->look))
		start(disk, queue, hint->flags & ~PASSING_FLAGS, RETRY_MAX_S);
	else if (lg_look_repeats_failure(disk->look) && lg_answer_seconds(disk))
		await(disk, queue);
	else if (lg_look_may_pass(disk->look))
		start(disk, queue, 0, lg_answer_seconds(disk) ?: REMOUNT_MAX_S);
	else
		stop(disk);
}
