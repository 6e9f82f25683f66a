// SPDX-License-Identifier: GPL-2.0-or-later
/* A file is made of the disk, and the disk of the file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

/* clang-format off */
const struct tool tools[MAX_TOOLS] = {
	{ "sfdisk -N", "echo ', +' | sfdisk -q -N $PART --force --no-reread --no-tell-kernel $DISK",
	  1 },
	{ "sgdisk -e", "sgdisk -e $DISK", 1 },
	{ "growpart", "growpart $DISK $PART", 4 },
	{ "parted resizepart", "parted -s -f $DISK resizepart $PART 100%", 1 },
};
/* clang-format on */

const u32 nr_tools = MAX_TOOLS;

static char image[4096], preload[4096];

void tools_begin(const char *directory)
{
	snprintf(image, sizeof(image), "%s/disk.img", directory);
	snprintf(preload, sizeof(preload), "%s/preload.so", directory);
	if (access(preload, R_OK)) {
		perror(preload);
		exit(1);
	}
	setenv("DISK", image, 1);
	setenv("LC_ALL", "C", 1);
}

void tools_end(void)
{
	unlink(image);
}

static u8 *map_image(const struct ram *ram, int flags)
{
	size_t size = (ram->disk.last_lba + 1) * ram->disk.lba_size;
	int fd = open(image, O_RDWR | flags, 0600);
	u8 *bytes = MAP_FAILED;

	if (fd >= 0 && (!flags || !ftruncate(fd, (off_t)size)))
		bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED) {
		perror(image);
		exit(1);
	}
	close(fd);
	return bytes;
}

static int execute(const char *command, u32 part)
{
	char number[16];
	int status;
	pid_t pid;

	snprintf(number, sizeof(number), "%u", part);
	fflush(NULL);
	pid = fork();
	if (!pid) {
		setenv("PART", number, 1);
		setenv("LD_PRELOAD", preload, 1);
		if (freopen("/dev/null", "r", stdin) && freopen("/dev/null", "w", stdout) &&
		    freopen("/dev/null", "w", stderr))
			execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

int tool_run(const struct tool *tool, struct ram *ram, u32 part)
{
	size_t size = (ram->disk.last_lba + 1) * ram->disk.lba_size;
	u8 *bytes = map_image(ram, O_CREAT | O_TRUNC);
	int status;

	memcpy(bytes, ram->disk.bytes, size);
	status = execute(tool->command, part);
	ram_load(ram, bytes);
	munmap(bytes, size);
	return status;
}
