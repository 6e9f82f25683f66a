// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl check-config: what in the configuration is not understood, a line each. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "cmd.h"
#include "conf.h"

/* Room is left for the names below it. */
#define ROOT_MAX 3000

/* Without slashes at its end, as the names below it are told. */
static int root_take(const char *arg, char ret[ROOT_MAX])
{
	size_t n = strlen(arg);
	struct stat st;

	if (n >= ROOT_MAX)
		return -ENAMETOOLONG;
	if (stat(arg, &st) < 0)
		return -errno;
	while (n && arg[n - 1] == '/')
		n--;
	snprintf(ret, ROOT_MAX, "%.*s", (int)n, arg);
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int errors_print(const struct conf *conf)
{
	char text[CONF_ERROR_TEXT];

	for (size_t i = 0; i < conf->n_errors; i++)
		fprintf(stderr, "%s\n", conf_error_text(&conf->errors[i], text));
	if (conf->more_errors)
		fprintf(stderr, "and %zu more\n", conf->more_errors);
	return EXIT_FAILED;
}

static int summary_print(const struct conf *conf)
{
	printf("%zu rule%s in %zu file%s\n", conf->n_rules, conf->n_rules == 1 ? "" : "s",
	       conf->n_files, conf->n_files == 1 ? "" : "s");
	return EXIT_DONE;
}

/** cmd_check_config() - read the configuration and tell its errors; returns an exit code. */
int cmd_check_config(const struct options *opt)
{
	char root[ROOT_MAX] = "";
	struct conf conf;
	int r = opt->root ? root_take(opt->root, root) : 0;

	if (r == 0)
		r = conf_read(root, &conf);
	if (r < 0) {
		log_line(LOG_ERR, "%s: cannot check what is below it: %s",
			 opt->root ? opt->root : "/etc", strerror(-r));
		return EXIT_FAILED;
	}
	r = conf.n_errors ? errors_print(&conf) : summary_print(&conf);
	conf_free(&conf);
	return r;
}
