// SPDX-License-Identifier: GPL-2.0-only
/*
 * Listen to uevents in a thread of our own. A uevent is only a hint: any process with
 * CAP_SYS_ADMIN can make one up.
 */
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/ktime.h>
#include <net/net_namespace.h>
#include <livegrow/uevent.h>

#include "disk.h"
#include "enumerate.h"
#include "watch.h"

#define KERNEL_UEVENT_GROUP	1
#define MESSAGE_SIZE		4096	/* above UEVENT_BUFFER_SIZE and its header */

static struct socket *uevents;
static struct task_struct *thread;
static char *message;
static DECLARE_COMPLETION(listening);

static void hear(const char *msg, size_t len)
{
	struct lg_uevent event;
	struct lg_disk *disk;

	if (!lg_uevent_parse(msg, len, &event))
		return;
	mutex_lock(&lg_disks_lock);
	disk = lg_disk_find(event.disk);
	/* A uevent without RESIZE=1 counts too: another tool may have mended the table. */
	if (disk)
		lg_disk_look(disk, 0, event.resize ? ktime_get_ns() : 0);
	mutex_unlock(&lg_disks_lock);
	if (!disk)
		lg_enumerate_missed();
}

/* The socket lost uevents, of any disk. */
static void look_at_all(void)
{
	lg_enumerate_missed();
	lg_disks_look_again();
}

static int watch(void *unused)
{
	struct kvec vec = { .iov_base = message, .iov_len = MESSAGE_SIZE };
	struct sockaddr_nl from;
	struct msghdr msg;
	int len;

	/* A signal from userspace would end the thread, and no uevent would be heard. */
	allow_kernel_signal(SIGKILL);
	complete(&listening);
	while (!kthread_should_stop() && !signal_pending(current)) {
		msg = (struct msghdr){ .msg_name = &from };
		len = kernel_recvmsg(uevents, &msg, &vec, 1, MESSAGE_SIZE, 0);
		if (len > 0 && !from.nl_pid)
			hear(message, len);
		else if (len == -ENOBUFS)
			look_at_all();
	}
	return 0;
}

static int open_socket(void)
{
	struct sockaddr_nl group = {
		.nl_family = AF_NETLINK, .nl_groups = KERNEL_UEVENT_GROUP,
	};
	int err;

	err = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW,
			       NETLINK_KOBJECT_UEVENT, &uevents);
	if (err)
		return err;
	err = kernel_bind(uevents, (void *)&group, sizeof(group));
	if (err)
		sock_release(uevents);
	return err;
}

static int start_watching(void)
{
	thread = kthread_create(watch, NULL, "livegrow");
	if (IS_ERR(thread))
		return PTR_ERR(thread);
	/* The signal may end the thread before kthread_stop() is called. */
	get_task_struct(thread);
	wake_up_process(thread);
	/* From here on lg_watch_stop()'s signal reaches it. */
	wait_for_completion(&listening);
	return 0;
}

int lg_watch_start(void)
{
	int err;

	message = kmalloc(MESSAGE_SIZE, GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	err = open_socket();
	if (err)
		goto free_message;
	err = start_watching();
	if (err)
		goto close_socket;
	return 0;

close_socket:
	sock_release(uevents);
free_message:
	kfree(message);
	return err;
}

void lg_watch_stop(void)
{
	send_sig(SIGKILL, thread, 1);
	kthread_stop(thread);
	put_task_struct(thread);
	sock_release(uevents);
	kfree(message);
}
