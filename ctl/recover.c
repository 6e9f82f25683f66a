// SPDX-License-Identifier: GPL-2.0-or-later
/* A primary GPT that no kernel takes is written again on a person's word. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/livegrow.h>

#include "content.h"
#include "recover.h"
#include "util.h"

/*
 * A filesystem on the whole disk leaves LBA 0 as it was, and with it what an older
 * GPT had there: then the primary is not dead but overwritten, and long gone.
 */
static int whole_check(const struct volume *whole)
{
	char type[CONTENT_SIZE];
	int r = content_probe(whole, type);

	if (r == -ENODATA)
		return 0;
	if (r == 0)
		log_line(LOG_ERR,
			 "%s: not recovered: the disk as a whole holds %s, which a table "
			 "would overwrite",
			 whole->name, type);
	else if (r == -ENOTUNIQ)
		log_line(LOG_ERR,
			 "%s: not recovered: the disk as a whole holds traces of several "
			 "formats, which a table would overwrite",
			 whole->name);
	else
		log_line(LOG_ERR, "%s: not recovered: cannot read what it holds: %s", whole->name,
			 strerror(-r));
	return r == 0 ? -EEXIST : r;
}

/* Has the kernel read the table anew; it can while it has none of the partitions. */
static int partitions_reread(const struct volume *whole)
{
	int r = 0, fd = volume_open(whole);

	if (fd < 0)
		return fd;
	if (ioctl(fd, BLKRRPART) < 0)
		r = -errno;
	close(fd);
	return r;
}

static enum recovery refuse(const struct look *look, const struct record *found)
{
	log_line(LOG_ERR, "%s: not recovered: %s", look->disk, record_reason(found));
	return RECOVERY_REFUSED;
}

static int would(struct look *look, uint32_t flags, enum recovery *ret)
{
	struct record found;
	int r = look_ask(look, flags | LIVEGROW_FLAG_RECOVER, &found);

	if (r < 0)
		return r;
	/* "Would write", and what that is was found before. */
	*ret = RECOVERY_WOULD;
	if (!record_would_write(&found))
		*ret = refuse(look, &found);
	return 0;
}

static void done_tell(const struct look *look, const struct record *found)
{
	if (found->reason != LIVEGROW_REASON_SHRUNK)
		printf("%s: the primary GPT was recovered\n", look->disk);
	else
		printf("%s: the table was fitted to the smaller disk. What lay behind the disk's "
		       "end is gone: before you mount what is on the last partition, check it by "
		       "e2fsck -fn or xfs_repair -n, which write nothing\n",
		       look->disk);
}

static int recover(struct look *look, uint32_t flags, const struct record *found,
		   const struct volume *whole, enum recovery *ret)
{
	struct record after;
	int r = look_ask(look, flags | LIVEGROW_FLAG_RECOVER, &after);

	if (r < 0)
		return r;
	/* Without a reason it is sound by now: somebody was faster. */
	if (!look->recovered && after.reason != LIVEGROW_REASON_NONE)
		*ret = refuse(look, &after);
	if (!look->recovered)
		return 0;
	*ret = RECOVERY_DONE;
	done_tell(look, found);
	if (after.reason == LIVEGROW_REASON_TABLE_DIFFERS)
		r = partitions_reread(whole);
	if (r < 0)
		log_line(
			LOG_ERR,
			"%s: the kernel cannot read its partitions now: %s; the next boot reads them",
			look->disk, strerror(-r));
	return 0;
}

/* A disk that is smaller than its table has a primary that no kernel takes. */
static bool is_needed(const struct record *found)
{
	return found->reason == LIVEGROW_REASON_PRIMARY_DAMAGED ||
	       found->reason == LIVEGROW_REASON_SHRUNK;
}

/**
 * recover_primary() - have a primary GPT that is dead, or for a larger disk, written again
 * @look: the disk and the connections
 * @flags: what else a person's word permits, with LIVEGROW_FLAG_DRY_RUN or without
 * @ret: receives what became of it
 *
 * Returns 0, or a negative errno; the words for it are those of @look->lg.
 */
int recover_primary(struct look *look, uint32_t flags, enum recovery *ret)
{
	struct record found;
	struct volume whole;
	int r = look_ask(look, flags | LIVEGROW_FLAG_DRY_RUN, &found);

	*ret = RECOVERY_NEEDLESS;
	if (r < 0 || !is_needed(&found))
		return r;
	r = volume_read(look->disk, &whole);
	if (r < 0)
		return r;
	if (whole_check(&whole) < 0) {
		*ret = RECOVERY_REFUSED;
		return 0;
	}
	if (flags & LIVEGROW_FLAG_DRY_RUN)
		return would(look, flags, ret);
	return recover(look, flags, &found, &whole, ret);
}
