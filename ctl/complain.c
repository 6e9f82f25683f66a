// SPDX-License-Identifier: GPL-2.0-or-later
/* The errors that several commands tell in the same words. */

#include <errno.h>
#include <string.h>
#include <syslog.h>

#include "absent.h"
#include "cmd.h"
#include "sysfs.h"

/**
 * cmd_complain_open() - say why there is no connection to the module
 * @err: the negative errno of lg_open() or lg_event_open()
 *
 * Returns the exit code.
 */
int cmd_complain_open(int err)
{
	char why[ABSENT_TEXT];

	if (err == -ENOENT)
		log_line(LOG_ERR, "%s", absent_why(why));
	else
		log_line(LOG_ERR, "cannot reach the livegrow module over netlink: %s",
			 strerror(-err));
	return EXIT_FAILED;
}

/**
 * cmd_complain_list() - say why the module did not list its disks
 * @lg: the connection
 * @err: the negative errno of lg_disk_dump()
 *
 * Returns the exit code.
 */
int cmd_complain_list(const struct lg *lg, int err)
{
	log_line(LOG_ERR, "cannot list the disks: %s", lg_why(lg, err));
	return EXIT_FAILED;
}

/**
 * cmd_complain_disk() - say why the module refused a request about a disk
 * @lg: the connection
 * @disk: the disk's name, as asked for
 * @err: the negative errno
 *
 * Returns the exit code.
 */
int cmd_complain_disk(const struct lg *lg, const char *disk, int err)
{
	struct volume v;

	if (volume_read(disk, &v) == -ENODEV)
		log_line(LOG_ERR, "%s: no such disk; 'growctl status' lists those there are", disk);
	else if (err == -EACCES || (err == -EPERM && !lg->why[0]))
		log_line(LOG_ERR, "%s: not permitted; run growctl as root", disk);
	else
		log_line(LOG_ERR, "%s: %s", disk, lg_why(lg, err));
	return EXIT_FAILED;
}

/** cmd_complain_conf() - say that the configuration has errors, where it has. */
void cmd_complain_conf(const struct conf *conf)
{
	if (conf->n_errors)
		log_line(LOG_WARNING,
			 "the configuration has errors (%zu); 'growctl check-config' lists them",
			 conf->n_errors + conf->more_errors);
}
