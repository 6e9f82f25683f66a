// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LVM's global lock, which keeps its commands from making a physical volume larger.
 *
 * It is flock() on a file that LVM removes after use. Each command that can enlarge a
 * volume or give one to a group waits for it: pvresize has it shared, pvcreate, vgextend,
 * vgcfgrestore and their like for themselves. What has a group's lock alone, such as
 * lvextend, stays within the size that the group's metadata tell. Where lvm.conf names another
 * locking_dir, or a command runs with --nolocking, LVM does not hear of it.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "lvm_lock.h"

#define LOCK_DIR "/run/lock/lvm"
#define LOCK_FILE LOCK_DIR "/P_global"

/* As LVM makes them: its next command would not ask whether there is one. */
static int dir_make(void)
{
	mkdir("/run/lock", 0755);
	return mkdir(LOCK_DIR, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

static bool is_in_place(int fd)
{
	struct stat mine, there;

	return fstat(fd, &mine) == 0 && stat(LOCK_FILE, &there) == 0 &&
	       mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static int file_lock(const char *who)
{
	int r, fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	r = lock_wait(fd, who, LOCK_FILE);
	/* Who had it has removed it. */
	if (r == 0 && !is_in_place(fd))
		r = -EAGAIN;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

/**
 * lvm_lock() - keep LVM's commands from changing what a physical volume takes
 * @who: the partition's name, for the message
 *
 * Waits for a command that runs, and says so; a signal ends the waiting. The file is left
 * to LVM, whose next command removes it.
 *
 * Returns a descriptor whose close releases the lock, or a negative errno.
 */
int lvm_lock(const char *who)
{
	int r = dir_make();

	if (r < 0)
		return r;
	do
		r = file_lock(who);
	while (r == -EAGAIN);
	return r;
}
