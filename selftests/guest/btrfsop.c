// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a test needs of btrfs-progs, which the guests do not have.
 *
 *   btrfsop subvolume DIR NAME
 *   btrfsop add DIR DEVICE
 *   btrfsop sizes DIR
 *           "DEVID BYTES" of each device, a line each
 *   btrfsop pause DIR
 *           begins a balance, and returns when it is paused
 *   btrfsop cancel DIR
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/btrfs.h>

static int fail(const char *what)
{
	fprintf(stderr, "btrfsop: %s: %s\n", what, strerror(errno));
	return 1;
}

static int subvolume(int fd, const char *name)
{
	struct btrfs_ioctl_vol_args args = { 0 };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &args) ? fail("subvolume") : 0;
}

static int add(int fd, const char *device)
{
	struct btrfs_ioctl_vol_args args = { 0 };

	snprintf(args.name, sizeof(args.name), "%s", device);
	return ioctl(fd, BTRFS_IOC_ADD_DEV, &args) ? fail("add") : 0;
}

static int sizes(int fd)
{
	struct btrfs_ioctl_fs_info_args info = { 0 };

	if (ioctl(fd, BTRFS_IOC_FS_INFO, &info))
		return fail("FS_INFO");
	for (__u64 id = 1; id <= info.max_id; id++) {
		struct btrfs_ioctl_dev_info_args dev = { .devid = id };

		if (ioctl(fd, BTRFS_IOC_DEV_INFO, &dev) == 0)
			printf("%llu %llu\n", id, dev.total_bytes);
	}
	return 0;
}

static int balance(int fd)
{
	struct btrfs_ioctl_balance_args args = {
		.flags = BTRFS_BALANCE_DATA | BTRFS_BALANCE_METADATA | BTRFS_BALANCE_SYSTEM,
	};

	return ioctl(fd, BTRFS_IOC_BALANCE_V2, &args) < 0 && errno != ECANCELED;
}

/* It may be over before it is paused, and then the next one has to do. */
static int pause_balance(int fd)
{
	for (int tries = 0; tries < 20; tries++) {
		pid_t pid = fork();

		if (!pid)
			_exit(balance(fd));
		while (waitpid(pid, NULL, WNOHANG) == 0) {
			if (ioctl(fd, BTRFS_IOC_BALANCE_CTL, BTRFS_BALANCE_CTL_PAUSE) == 0)
				return 0;
			usleep(1000);
		}
	}
	errno = ETIMEDOUT;
	return fail("pause");
}

static int cancel(int fd)
{
	return ioctl(fd, BTRFS_IOC_BALANCE_CTL, BTRFS_BALANCE_CTL_CANCEL) ? fail("cancel") : 0;
}

int main(int argc, char **argv)
{
	int fd = argc > 2 ? open(argv[2], O_RDONLY | O_DIRECTORY) : -1;

	if (fd < 0)
		return fail("no directory");
	if (!strcmp(argv[1], "subvolume") && argc == 4)
		return subvolume(fd, argv[3]);
	if (!strcmp(argv[1], "add") && argc == 4)
		return add(fd, argv[3]);
	if (!strcmp(argv[1], "sizes"))
		return sizes(fd);
	if (!strcmp(argv[1], "pause"))
		return pause_balance(fd);
	if (!strcmp(argv[1], "cancel"))
		return cancel(fd);
	errno = EINVAL;
	return fail(argv[1]);
}
