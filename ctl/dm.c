// SPDX-License-Identifier: GPL-2.0-or-later
/* How far mappings of the device mapper reach on a device below them. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/dm-ioctl.h>

#include "dm.h"
#include "holder.h"
#include "util.h"

#define SECTOR 512

/* A logical volume in some thousand pieces. */
#define TABLE_MAX (256U << 10)

/* Each line of the table is a target and, behind it, its parameters. */
struct request {
	struct dm_ioctl head;
	char data[TABLE_MAX];
};

/*
 * How far one line reaches on @below, in sectors; 0 where it does not.
 * -EOPNOTSUPP where that cannot be told.
 */
typedef int line_end(const struct dm_target_spec *spec, const char *params, dev_t below,
		     uint64_t *ret);

static int table_read(dev_t dm, struct request *ret)
{
	int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	ret->head = (struct dm_ioctl){
		.version = { DM_VERSION_MAJOR, 0, 0 },
		.data_size = sizeof(*ret),
		.data_start = offsetof(struct request, data),
		.dev = dm,
		.flags = DM_STATUS_TABLE_FLAG,
	};
	if (ioctl(fd, DM_TABLE_STATUS, &ret->head) < 0)
		r = -errno;
	close(fd);
	return r == 0 && ret->head.flags & DM_BUFFER_FULL_FLAG ? -EOPNOTSUPP : r;
}

static bool is_target(const struct dm_target_spec *spec, const char *type)
{
	return !strncmp(spec->target_type, type, sizeof(spec->target_type));
}

static int piece_end(uint64_t start, uint64_t length, uint64_t *ret)
{
	return __builtin_add_overflow(start, length, ret) ? -EOPNOTSUPP : 0;
}

/* "CIPHER KEY IV-OFFSET MAJOR:MINOR OFFSET ..." */
static int crypt_end(const struct dm_target_spec *spec, const char *params, dev_t below,
		     uint64_t *ret)
{
	unsigned int major_no, minor_no;
	uint64_t start;

	if (!is_target(spec, "crypt") ||
	    sscanf(params, "%*s %*s %*s %u:%u %" SCNu64, &major_no, &minor_no, &start) != 3 ||
	    makedev(major_no, minor_no) != below)
		return -EOPNOTSUPP;
	return piece_end(start, spec->length, ret);
}

/* "MAJOR:MINOR START", as often as there are stripes. */
static int stripes_end(const char *params, unsigned int stripes, uint64_t length, dev_t below,
		       uint64_t *ret)
{
	unsigned int major_no, minor_no;
	uint64_t start, end;
	int used, r = 0;

	for (*ret = 0; r == 0 && stripes; stripes--, params += used) {
		if (sscanf(params, "%u:%u %" SCNu64 "%n", &major_no, &minor_no, &start, &used) != 3)
			return -EOPNOTSUPP;
		if (makedev(major_no, minor_no) != below)
			continue;
		r = piece_end(start, length, &end);
		if (r == 0 && end > *ret)
			*ret = end;
	}
	return r;
}

/* A striped one's parameters begin with "STRIPES CHUNK". */
static int plain_end(const struct dm_target_spec *spec, const char *params, dev_t below,
		     uint64_t *ret)
{
	unsigned int stripes;
	int used;

	*ret = 0;
	if (is_target(spec, "error") || is_target(spec, "zero"))
		return 0;
	if (is_target(spec, "linear"))
		return stripes_end(params, 1, spec->length, below, ret);
	if (!is_target(spec, "striped") || sscanf(params, "%u %*u%n", &stripes, &used) != 1 ||
	    !stripes)
		return -EOPNOTSUPP;
	return stripes_end(params + used, stripes, spec->length / stripes, below, ret);
}

static int lines_end(const struct request *req, dev_t below, line_end *line, uint64_t *ret)
{
	struct dm_target_spec spec;
	uint64_t end;
	size_t at = 0;
	int r = 0;

	*ret = 0;
	/* It is about to get its first table. */
	if (!req->head.target_count)
		return -EOPNOTSUPP;
	for (uint32_t i = 0; r == 0 && i < req->head.target_count; i++, at = spec.next) {
		if (at > sizeof(req->data) - sizeof(spec))
			return -EOPNOTSUPP;
		memcpy(&spec, req->data + at, sizeof(spec));
		r = line(&spec, req->data + at + sizeof(spec), below, &end);
		if (r == 0 && end > *ret)
			*ret = end;
	}
	return r == 0 && __builtin_mul_overflow(*ret, SECTOR, ret) ? -EOPNOTSUPP : r;
}

static int mapping_end(dev_t dm, dev_t below, line_end *line, uint64_t *ret)
{
	struct request *req = calloc(1, sizeof(*req));
	int r;

	if (!req)
		return -ENOMEM;
	r = table_read(dm, req);
	if (r == 0)
		r = lines_end(req, below, line, ret);
	/* The key may stand in it. */
	explicit_bzero(req, sizeof(*req));
	free(req);
	return r;
}

struct search {
	dev_t below;
	line_end *line;
	uint64_t *reach;
	int n;
};

static int on_mapping(const struct volume *mapping, void *arg)
{
	struct search *search = arg;
	uint64_t end;
	int r = mapping_end(mapping->dev, search->below, search->line, &end);

	if (r == 0 && end > *search->reach)
		*search->reach = end;
	search->n++;
	return r;
}

static int mappings_reach(const struct volume *below, line_end *line, uint64_t *reach)
{
	struct search search = { .below = below->dev, .line = line, .reach = reach };
	int r = holders_each(below, on_mapping, &search);

	return r < 0 ? r : search.n;
}

/**
 * dm_crypt_reach() - how far the dm-crypt mappings on a device reach
 * @below: the device
 * @reach: is raised to the byte at which the last one ends
 *
 * Returns their number, -EOPNOTSUPP where one is no mapping by dm-crypt alone, or another
 * negative errno.
 */
int dm_crypt_reach(const struct volume *below, uint64_t *reach)
{
	return mappings_reach(below, crypt_end, reach);
}

/**
 * dm_plain_reach() - the same for mappings of linear and striped pieces, as LVM's are
 * @below: the device
 * @reach: is raised to the byte at which the last piece on @below ends
 *
 * Returns their number, -EOPNOTSUPP where one has lines of another kind, or another negative
 * errno.
 */
int dm_plain_reach(const struct volume *below, uint64_t *reach)
{
	return mappings_reach(below, plain_end, reach);
}
