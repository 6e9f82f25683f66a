// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The advisory lock on a disk that udev and the partition tools take: flock()
 * on the whole disk's node (https://systemd.io/BLOCK_DEVICE_LOCKING).
 *
 * The node is open for reading only. udev leaves the disk's events waiting
 * while another holds the lock and takes them up again afterwards; the close
 * of a node open for writing would besides have it read the partitions anew,
 * and what the module did it tells by uevents of its own.
 */

#include <errno.h>
#include <stdio.h>
#include <sys/file.h>
#include <syslog.h>
#include <unistd.h>

#include "lock.h"
#include "sysfs.h"

/**
 * lock_wait() - lock a file by flock(), for itself alone
 * @fd: the file
 * @who: what it is done for, for the message
 * @path: the file's name
 *
 * Waits for whoever has the lock, and says so once; a signal ends the waiting.
 *
 * Returns 0 or a negative errno.
 */
int lock_wait(int fd, const char *who, const char *path)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	log_line(LOG_NOTICE,
		 "%s: waiting for another program that has locked %s; lslocks or "
		 "'fuser -v %s' shows which",
		 who, path, path);
	return flock(fd, LOCK_EX) < 0 ? -errno : 0;
}

/**
 * disk_lock() - keep udev and the partition tools from a disk
 * @disk: the disk's name
 *
 * Waits for whoever has the lock, and says so once; a signal ends the waiting.
 * Not for what must not hang.
 *
 * Returns a descriptor whose close releases the lock, -ENODEV where there is
 * no such disk, -EINTR after a signal that is handled, or another negative
 * errno.
 */
int disk_lock(const char *disk)
{
	char path[8 + NAME_SIZE];
	struct volume v;
	int fd, r = volume_read(disk, &v);

	if (r < 0)
		return r;
	if (v.number)
		return -ENODEV;
	fd = volume_open(&v);
	if (fd < 0)
		return fd;
	snprintf(path, sizeof(path), "/dev/%s", disk);
	r = lock_wait(fd, disk, path);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}
