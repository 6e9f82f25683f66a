// SPDX-License-Identifier: GPL-2.0-only
/* Keep the list of disks, and queue the work that looks at each. */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "disk.h"
#include "look.h"
#include "params.h"
#include "retry.h"

/* It guards lg_disks; disk.h describes the lock order. */
DEFINE_MUTEX(lg_disks_lock);
LIST_HEAD(lg_disks);

static struct workqueue_struct *looks;

/* lg_disks_lock guards both. */
static bool quiesced;
static unsigned long last_id;

int lg_disks_init(void)
{
	/*
	 * The queue is unbound, so that many disks are looked at in parallel. It has a
	 * high priority, since what fills a disk may also keep the processors busy. It
	 * is freezable, since no disk may be written between the making of a hibernation
	 * image and its resumption.
	 */
	looks = alloc_workqueue("livegrow", WQ_UNBOUND | WQ_HIGHPRI | WQ_FREEZABLE, 0);
	return looks ? 0 : -ENOMEM;
}

void lg_disks_quiesce(void)
{
	struct lg_disk *disk;

	mutex_lock(&lg_disks_lock);
	WRITE_ONCE(quiesced, true);
	mutex_unlock(&lg_disks_lock);
	flush_workqueue(looks);
	/* Only a look starts a retry, and none runs any more. */
	mutex_lock(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node)
		lg_retry_cancel(disk);
	mutex_unlock(&lg_disks_lock);
}

bool lg_disks_quiesced(void)
{
	return READ_ONCE(quiesced);
}

void lg_disks_exit(void)
{
	destroy_workqueue(looks);
}

const char *lg_disk_name(const struct lg_disk *disk)
{
	return disk->gendisk->disk_name;
}

const char *lg_disk_driver(const struct lg_disk *disk)
{
	return disk->driver;
}

bool lg_disk_is_gone(const struct lg_disk *disk)
{
	return READ_ONCE(disk->gone);
}

bool lg_disk_is_live(const struct lg_disk *disk)
{
	return disk_live(disk->gendisk);
}

struct lg_status lg_disk_status(struct lg_disk *disk)
{
	struct lg_status status;

	spin_lock(&disk->lock);
	status = disk->status;
	spin_unlock(&disk->lock);
	return status;
}

struct lg_rule lg_disk_rule(struct lg_disk *disk)
{
	struct lg_rule rule;

	spin_lock(&disk->lock);
	rule = (struct lg_rule){
		.seq = disk->rule_seq,
		.mode = disk->mode,
		.is_awaited = disk->awaits_policy && disk->mode == LIVEGROW_MODE_AUTO,
		.limits = disk->limits,
	};
	spin_unlock(&disk->lock);
	if (rule.is_awaited)
		rule.mode = LIVEGROW_MODE_ASK;
	if (lg_param_mode() == LIVEGROW_MODE_OFF)
		rule.mode = LIVEGROW_MODE_OFF;
	return rule;
}

void lg_disk_set_rule(struct lg_disk *disk, const enum livegrow_mode *mode,
		      const struct lg_limits *limits)
{
	spin_lock(&disk->lock);
	if (mode) {
		disk->mode = *mode;
		disk->awaits_policy = false;
	}
	disk->limits = *limits;
	disk->rule_seq++;
	spin_unlock(&disk->lock);
}

void lg_disk_ask(struct lg_disk *disk)
{
	spin_lock(&disk->lock);
	if (disk->mode == LIVEGROW_MODE_AUTO) {
		disk->mode = LIVEGROW_MODE_ASK;
		disk->rule_seq++;
	}
	spin_unlock(&disk->lock);
}

static bool is_earlier(const struct lg_hint *a, const struct lg_hint *b)
{
	return a->look && (!b->look || (s32)(a->look - b->look) < 0);
}

/* A client that waits for a look's number is content with the end of a later look. */
static struct lg_hint take_earliest(struct lg_disk *disk)
{
	struct lg_hint *earliest = disk->hints, hint;
	int i;

	spin_lock(&disk->lock);
	for (i = 1; i < LG_HINT_KINDS; i++)
		if (is_earlier(&disk->hints[i], earliest))
			earliest = &disk->hints[i];
	hint = *earliest;
	*earliest = (struct lg_hint){ 0 };
	spin_unlock(&disk->lock);
	return hint;
}

static void free_disk(struct kref *ref)
{
	struct lg_disk *disk = container_of(ref, struct lg_disk, ref);

	lg_look_free(disk->look);
	lg_keep_free(&disk->keep);
	kfree(disk);
}

void lg_disk_put(struct lg_disk *disk)
{
	kref_put(&disk->ref, free_disk);
}

/* Hold the gendisk, its driver's code and the struct. Return: false if the driver is going. */
static bool hold(struct lg_disk *disk)
{
	if (!try_module_get(disk->gendisk->fops->owner))
		return false;
	get_device(disk_to_dev(disk->gendisk));
	kref_get(&disk->ref);
	return true;
}

static void let_go(struct lg_disk *disk)
{
	struct module *owner = disk->gendisk->fops->owner;

	put_device(disk_to_dev(disk->gendisk));
	module_put(owner);
	lg_disk_put(disk);
}

static u32 number(struct lg_disk *disk, struct lg_hint *hint)
{
	if (!hint->look)
		hint->look = ++disk->looks ?: ++disk->looks;
	return hint->look;
}

/* A look with limits of its own left a state that may not fit the disk's limits. */
static void look_plainly(struct lg_disk *disk)
{
	spin_lock(&disk->lock);
	number(disk, &disk->hints[LG_HINT_LOOK]);
	spin_unlock(&disk->lock);
}

static void look(struct lg_disk *disk, const struct lg_hint *hint)
{
	lg_look(disk->look, hint);
	if (!(hint->flags & LIVEGROW_FLAG_DRY_RUN))
		lg_retry_after(disk, looks, hint);
}

/* The loop is bounded: a hint that comes meanwhile has queued the work again. */
static void work(struct work_struct *work)
{
	struct lg_disk *disk = container_of(work, struct lg_disk, work);
	struct lg_hint hint;
	int i;

	for (i = 0; i <= LG_HINT_KINDS && !lg_disk_is_gone(disk); i++) {
		hint = take_earliest(disk);
		if (hint.look)
			look(disk, &hint);
		if (hint.is_limited && !(hint.flags & LIVEGROW_FLAG_DRY_RUN))
			look_plainly(disk);
	}
	let_go(disk);
}

/*
 * The nearest parent device that has a driver counts. A disk without one, such as a loop
 * device, counts as its module's.
 */
static const char *driver_of(struct gendisk *gendisk)
{
	const struct module *owner = gendisk->fops->owner;
	const struct device *dev;

	for (dev = disk_to_dev(gendisk)->parent; dev; dev = dev->parent)
		if (dev->driver)
			return dev->driver->name;
	return owner ? owner->name : "unknown";
}

static struct lg_disk *new_disk(struct gendisk *gendisk)
{
	struct lg_disk *disk;

	disk = kzalloc_obj(*disk);
	if (!disk)
		return NULL;
	disk->look = lg_look_alloc(disk);
	if (!disk->look) {
		kfree(disk);
		return NULL;
	}
	kref_init(&disk->ref);
	disk->gendisk = gendisk;
	strscpy(disk->driver, driver_of(gendisk), sizeof(disk->driver));
	INIT_WORK(&disk->work, work);
	lg_retry_init(disk);
	spin_lock_init(&disk->lock);
	lg_keep_init(&disk->keep);
	disk->mode = lg_param_mode();
	disk->awaits_policy = lg_param_awaits_policy();
	return disk;
}

int lg_disk_add(struct gendisk *gendisk)
{
	struct lg_disk *disk = new_disk(gendisk);

	if (!disk)
		return -ENOMEM;
	mutex_lock(&lg_disks_lock);
	disk->id = ++last_id;
	list_add_tail(&disk->node, &lg_disks);
	/* A uevent announces a disk that is still being added, once it is complete. */
	if (lg_disk_is_live(disk))
		lg_disk_look(disk, 0, 0);
	mutex_unlock(&lg_disks_lock);
	return 0;
}

static struct lg_disk *find(const struct gendisk *gendisk)
{
	struct lg_disk *disk;

	lockdep_assert_held(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node)
		if (disk->gendisk == gendisk)
			return disk;
	return NULL;
}

bool lg_disk_is_known(const struct gendisk *gendisk)
{
	bool known;

	mutex_lock(&lg_disks_lock);
	known = find(gendisk);
	mutex_unlock(&lg_disks_lock);
	return known;
}

static struct lg_disk *unlist(struct gendisk *gendisk)
{
	struct lg_disk *disk;

	mutex_lock(&lg_disks_lock);
	disk = find(gendisk);
	if (disk) {
		list_del(&disk->node);
		spin_lock(&disk->lock);
		WRITE_ONCE(disk->gone, true);
		spin_unlock(&disk->lock);
		lg_retry_cancel(disk);
	}
	mutex_unlock(&lg_disks_lock);
	return disk;
}

void lg_disk_remove(struct gendisk *gendisk)
{
	struct lg_disk *disk = unlist(gendisk);

	if (disk)
		lg_disk_put(disk);
}

struct lg_disk *lg_disk_find(const char *name)
{
	struct lg_disk *disk;

	lockdep_assert_held(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node)
		if (!strcmp(lg_disk_name(disk), name))
			return disk;
	return NULL;
}

static void queue(struct lg_disk *disk)
{
	lockdep_assert_held(&lg_disks_lock);
	if (quiesced || !hold(disk))
		return;
	if (!queue_work(looks, &disk->work))
		let_go(disk);
}

u32 lg_disk_look(struct lg_disk *disk, u32 flags, u64 changed_ns)
{
	bool is_dry_run = flags & LIVEGROW_FLAG_DRY_RUN;
	struct lg_hint *hint = &disk->hints[is_dry_run ? LG_HINT_DRY_RUN : LG_HINT_LOOK];
	u32 look;

	spin_lock(&disk->lock);
	look = number(disk, hint);
	hint->flags |= flags;
	if (flags & LIVEGROW_FLAG_CONTENT)
		hint->answer = LIVEGROW_REASON_NONE;
	if (!hint->changed_ns)
		hint->changed_ns = changed_ns;
	spin_unlock(&disk->lock);
	queue(disk);
	return look;
}

u32 lg_disk_answer(struct lg_disk *disk, enum livegrow_reason reason)
{
	struct lg_hint *hint = &disk->hints[LG_HINT_LOOK];
	u32 look;

	spin_lock(&disk->lock);
	look = number(disk, hint);
	hint->answer = reason;
	hint->flags &= ~LIVEGROW_FLAG_CONTENT;
	spin_unlock(&disk->lock);
	queue(disk);
	return look;
}

/* Queue a hint that must not be joined with another one of its kind. */
static int order(struct lg_disk *disk, enum lg_hint_kind kind, const struct lg_hint *wanted,
		 u32 *ret_look)
{
	struct lg_hint *hint = &disk->hints[kind];
	int err = -EBUSY;

	spin_lock(&disk->lock);
	if (!hint->look) {
		*hint = *wanted;
		*ret_look = number(disk, hint);
		err = 0;
	}
	spin_unlock(&disk->lock);
	if (!err)
		queue(disk);
	return err;
}

int lg_disk_look_limited(struct lg_disk *disk, const struct lg_limits *limits, u32 flags,
			 u32 *ret_look)
{
	const struct lg_hint hint = { .flags = flags, .is_limited = true, .limits = *limits };

	return order(disk, LG_HINT_LIMITED, &hint, ret_look);
}

int lg_disk_rollback(struct lg_disk *disk, const struct lg_rollback *rollback, u32 flags,
		     u32 *ret_look)
{
	const struct lg_hint hint = { .flags = flags, .rollback = *rollback };

	return order(disk, LG_HINT_ROLLBACK, &hint, ret_look);
}

void lg_disks_look_again(void)
{
	struct lg_disk *disk;

	mutex_lock(&lg_disks_lock);
	list_for_each_entry(disk, &lg_disks, node)
		lg_disk_look(disk, 0, 0);
	mutex_unlock(&lg_disks_lock);
}
