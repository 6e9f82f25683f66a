// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl: see how a guest's disks grow, and let their filesystems follow. */

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "cmd.h"
#include "names.h"
#include "util.h"

enum {
	TAKES_JSON = 1 << 0,
	TAKES_DRY_RUN = 1 << 1,
	TAKES_DISK = 1 << 2,
	NEEDS_DISK = 1 << 3,
	TAKES_RECOVER = 1 << 4,
	TAKES_TO = 1 << 5,
	TAKES_AUTO = 1 << 6,
};

struct command {
	const char *name;
	int (*run)(const struct options *opt);
	unsigned int flags;
	const char *help;
};

static const struct command commands[] = {
	{ "status", cmd_status, TAKES_DISK | TAKES_JSON,
	  "show disks, partitions, filesystems and what could still grow" },
	{ "watch", cmd_watch, TAKES_JSON, "print events as they happen, a line each" },
	{ "grow", cmd_grow, TAKES_DISK | NEEDS_DISK | TAKES_DRY_RUN | TAKES_RECOVER | TAKES_AUTO,
	  "grow a disk's table, last partition and filesystems now; a dead primary\n"
	  "        GPT is taken from its backup first with --recover; with --auto only\n"
	  "        what would grow unasked, were the disk in use" },
	{ "history", cmd_history, TAKES_DISK | NEEDS_DISK | TAKES_JSON,
	  "list the old partition tables that are stored of a disk" },
	{ "rollback", cmd_rollback, TAKES_DISK | NEEDS_DISK | TAKES_DRY_RUN | TAKES_TO,
	  "give the last partition its size of an old table again" },
	{ "daemon", cmd_daemon, 0, "let filesystems follow their disks, until SIGTERM" },
};

enum { OPT_JSON = 256, OPT_DRY_RUN, OPT_RECOVER, OPT_TO, OPT_AUTO };

static const struct option long_options[] = {
	{ "json", no_argument, NULL, OPT_JSON },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "recover", no_argument, NULL, OPT_RECOVER },
	{ "auto", no_argument, NULL, OPT_AUTO },
	{ "to", required_argument, NULL, OPT_TO },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

static int help(void)
{
	puts("Usage: growctl COMMAND [OPTION] [DISK]\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];

		printf("  %s%s%s%s%s%s%s\n        %s\n", c->name,
		       c->flags & NEEDS_DISK ? " DISK" :
		       c->flags & TAKES_DISK ? " [DISK]" :
					       "",
		       c->flags & TAKES_JSON ? " [--json]" : "",
		       c->flags & TAKES_TO ? " [--to ID]" : "",
		       c->flags & TAKES_DRY_RUN ? " [--dry-run]" : "",
		       c->flags & TAKES_RECOVER ? " [--recover]" : "",
		       c->flags & TAKES_AUTO ? " [--auto]" : "", c->help);
	}
	puts("\n  help, --help, --version\n\n"
	     "DISK is a name such as vda, /dev/vda or a link to it in /dev/disk.\n"
	     "Exit codes: 0 done, 1 usage, 2 refused or failed, 3 nothing to do (grow).");
	return EXIT_DONE;
}

static int version(void)
{
	puts("growctl " GROWCTL_VERSION);
	return EXIT_DONE;
}

static int usage_error(const char *what, const char *which)
{
	fprintf(stderr, "growctl: %s%s; see 'growctl --help'\n", what, which);
	return EXIT_USAGE;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* "vda", "/dev/vda", "/dev/disk/by-id/...": the name, or "" where it can be none. */
static void disk_name(const char *arg, char ret[NAME_SIZE])
{
	char *real = arg[0] == '/' ? realpath(arg, NULL) : NULL;
	const char *name = real ? real : arg;

	if (!strncmp(name, "/dev/", 5))
		name += 5;
	snprintf(ret, NAME_SIZE, "%s", disk_name_valid(name) ? name : "");
	free(real);
}

static int disk_take(const struct command *command, char **args, int n, struct options *opt)
{
	if (n > (command->flags & TAKES_DISK ? 1 : 0))
		return usage_error("too many arguments for ", command->name);
	if (!n)
		return command->flags & NEEDS_DISK ?
			       usage_error("name a disk: growctl ", command->name) :
			       0;
	disk_name(args[0], opt->name);
	if (!opt->name[0]) {
		log_line(LOG_ERR, "%s: not a disk's name; 'growctl status' lists those there are",
			 args[0]);
		return EXIT_FAILED;
	}
	opt->disk = opt->name;
	return 0;
}

static int run(char **args, int n, struct options *opt)
{
	const struct command *command;
	int r;

	if (!n)
		return usage_error("no command", "");
	if (!strcmp(args[0], "help"))
		return help();
	command = command_find(args[0]);
	if (!command)
		return usage_error("unknown command ", args[0]);
	if (opt->json && !(command->flags & TAKES_JSON))
		return usage_error("--json is not for ", command->name);
	if (opt->dry_run && !(command->flags & TAKES_DRY_RUN))
		return usage_error("--dry-run is not for ", command->name);
	if (opt->recover && !(command->flags & TAKES_RECOVER))
		return usage_error("--recover is not for ", command->name);
	if (opt->automatic && !(command->flags & TAKES_AUTO))
		return usage_error("--auto is not for ", command->name);
	if (opt->to && !(command->flags & TAKES_TO))
		return usage_error("--to is not for ", command->name);
	r = disk_take(command, args + 1, n - 1, opt);
	return r ? r : command->run(opt);
}

/* What nobody could read was not done. */
static int output_check(int status)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return status;
	log_line(LOG_ERR, "cannot write to standard output");
	return EXIT_FAILED;
}

/* Returns 0 for what can be no ID. */
static uint32_t id_take(const char *arg)
{
	size_t digits = strspn(arg, "0123456789");

	return digits && digits <= 9 && !arg[digits] ? (uint32_t)strtoul(arg, NULL, 10) : 0;
}

static int options_take(int argc, char **argv, struct options *opt)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "hV", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_JSON:
			opt->json = true;
			break;
		case OPT_DRY_RUN:
			opt->dry_run = true;
			break;
		case OPT_RECOVER:
			opt->recover = true;
			break;
		case OPT_AUTO:
			opt->automatic = true;
			break;
		case OPT_TO:
			opt->to = id_take(optarg);
			if (!opt->to)
				return usage_error("no ID of 'growctl history': ", optarg);
			break;
		case 'h':
			return help();
		case 'V':
			return version();
		default:
			return usage_error("unknown option ", argv[optind - 1]);
		}
	}
	return run(argv + optind, argc - optind, opt);
}

int main(int argc, char **argv)
{
	struct options opt = { 0 };

	/* For the tree's lines alone: numbers keep their decimal point. */
	setlocale(LC_CTYPE, "");
	/* What is printed stands in its order beside the errors, in a file too. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	return output_check(options_take(argc, argv, &opt));
}
