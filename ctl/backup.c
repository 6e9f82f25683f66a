// SPDX-License-Identifier: GPL-2.0-or-later
/* Old tables go from the module, which keeps a few in memory, to the store. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "backup.h"
#include "nl_disk.h"
#include "store.h"

#define NS_PER_S 1000000000

static int one_store(int dir, const struct backup *backup)
{
	const struct timespec when = {
		.tv_sec = (time_t)(backup->time / NS_PER_S),
		.tv_nsec = (long)(backup->time % NS_PER_S),
	};
	struct table table;
	int r;

	if (dir < 0)
		return dir;
	r = table_of_backup(backup, &table);
	if (r < 0)
		return r;
	r = store_put(dir, &table, &when);
	free(table.bytes);
	return r;
}

/* What the module was told before it is not told again: each time is an event. */
static int one_tell(struct lg *lg, const struct record *disk, uint32_t id, int err)
{
	int r;

	if (err < 0 && disk->backup_errno == (uint32_t)-err)
		return err;
	if (err < 0)
		log_line(LOG_WARNING, "%s: cannot store the old partition table in %s: %s",
			 disk->disk, STORE_DIR, strerror(-err));
	r = lg_backup_taken(lg, disk->disk, id, err);
	/* Another growctl was quicker. */
	if (r == -ENOENT)
		r = 0;
	return err < 0 ? err : r;
}

/* Another growctl may have taken some since the disk was asked. */
static bool are_all(struct lg *lg, const struct record *disk, size_t n)
{
	struct record now;

	return n >= disk->backups || (lg_disk_get(lg, disk->disk, &now) == 0 && n >= now.backups);
}

/**
 * backup_store() - store the old tables that the module keeps of a disk
 * @lg: the connection
 * @dir: of store_make(); its error is every table's
 * @disk: what the module says of the disk
 *
 * The module is told of each, and so is whoever reads the log.
 *
 * Returns 0 when all are stored, or a negative errno.
 */
int backup_store(struct lg *lg, int dir, const struct record *disk)
{
	struct backup *backups;
	size_t n;
	int err, r = lg_backup_dump(lg, disk->disk, &backups, &n);

	if (r < 0) {
		log_line(LOG_WARNING, "%s: cannot ask for its old partition tables: %s", disk->disk,
			 lg_why(lg, r));
		return r;
	}
	r = are_all(lg, disk, n) ? 0 : -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		err = one_tell(lg, disk, backups[i].id, one_store(dir, &backups[i]));
		r = err < 0 ? err : r;
	}
	lg_backup_free(backups, n);
	return r;
}

/**
 * backup_fetch() - have all that the module keeps of a disk stored, for a person
 * @lg: the connection
 * @disk: what the module says of the disk
 *
 * Returns 0, also where it keeps none, or a negative errno.
 */
int backup_fetch(struct lg *lg, const struct record *disk)
{
	int dir, r;

	if (!disk->backups)
		return 0;
	dir = store_make();
	r = backup_store(lg, dir, disk);
	if (dir >= 0)
		close(dir);
	return r;
}
