// SPDX-License-Identifier: GPL-2.0-or-later
/* How far a dm-crypt mapping reaches on the device below it. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/dm-ioctl.h>

#include "dm.h"
#include "util.h"

#define SECTOR 512

/* The table's one line stands behind the header. */
struct request {
	struct dm_ioctl head;
	char data[4096];
};

static int table_read(dev_t dm, struct request *ret)
{
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	*ret = (struct request){ .head = {
					 .version = { DM_VERSION_MAJOR, 0, 0 },
					 .data_size = sizeof(*ret),
					 .data_start = offsetof(struct request, data),
					 .dev = dm,
					 .flags = DM_STATUS_TABLE_FLAG,
				 } };
	if (ioctl(fd, DM_TABLE_STATUS, &ret->head) < 0)
		r = -errno;
	close(fd);
	return r;
}

/* "CIPHER KEY IV-OFFSET MAJOR:MINOR OFFSET ...", in sectors. */
static int line_read(const struct request *req, dev_t below, uint64_t *ret)
{
	unsigned int major_no, minor_no;
	struct dm_target_spec spec;
	uint64_t offset;

	memcpy(&spec, req->data, sizeof(spec));
	if (req->head.flags & DM_BUFFER_FULL_FLAG || req->head.target_count != 1 ||
	    strncmp(spec.target_type, "crypt", sizeof(spec.target_type)) ||
	    sscanf(req->data + sizeof(spec), "%*s %*s %*s %u:%u %" SCNu64, &major_no, &minor_no,
		   &offset) != 3 ||
	    makedev(major_no, minor_no) != below || offset > UINT64_MAX / SECTOR ||
	    spec.length > UINT64_MAX / SECTOR - offset)
		return -EOPNOTSUPP;
	*ret = (offset + spec.length) * SECTOR;
	return 0;
}

/**
 * dm_crypt_end() - the byte of a device at which a dm-crypt mapping on it ends
 * @dm: the mapping
 * @below: the device
 * @ret: receives it
 *
 * Returns 0, -EOPNOTSUPP where it is no mapping by dm-crypt alone, or another
 * negative errno.
 */
int dm_crypt_end(dev_t dm, dev_t below, uint64_t *ret)
{
	struct request req;
	int r = table_read(dm, &req);

	if (r == 0)
		r = line_read(&req, below, ret);
	/* The key may stand in it. */
	explicit_bzero(&req, sizeof(req));
	return r;
}
