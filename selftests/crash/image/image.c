// SPDX-License-Identifier: GPL-2.0-or-later
/* Mapped and shared: what is written in memory is in the file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "image.h"

void image_open(struct disk *disk, const char *path, u32 lba_size)
{
	int fd = open(path, O_RDWR);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(1);
	}
	disk->lba_size = lba_size;
	disk->last_lba = (u64)st.st_size / lba_size - 1;
	disk->bytes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (disk->bytes == MAP_FAILED) {
		perror(path);
		exit(1);
	}
}
