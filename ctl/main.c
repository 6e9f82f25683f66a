// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl: see how a guest's disks grow, and let their filesystems follow. */

#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "cmd.h"
#include "names.h"
#include "sysfs.h"
#include "util.h"

enum disk_use {
	DISK_NONE,
	DISK_OPTIONAL,
	DISK_NEEDED,
	DISK_TARGET,
	DISK_IMAGE,
	DISK_SET,
	DISK_ROOT,
};

/**
 * struct command - what growctl can do
 * @disk: whether it takes a disk's name; DISK_TARGET takes a partition or a mountpoint too,
 *        DISK_IMAGE besides these a file, or nothing; DISK_SET also what is to be set for
 *        it; DISK_ROOT a directory in its place, or nothing
 * @options: OPT_* that it takes
 */
struct command {
	const char *name;
	int (*run)(const struct options *opt);
	enum disk_use disk;
	unsigned int options;
	const char *help;
};

static const struct command commands[] = {
	{ "status", cmd_status, DISK_OPTIONAL,
	  OPT_JSON | OPT_OUTPUT | OPT_BYTES | OPT_NOHEADINGS | OPT_LIST,
	  "show disks, partitions, filesystems and what could still grow" },
	{ "watch", cmd_watch, DISK_NONE, OPT_JSON, "print events as they happen, a line each" },
	{ "wait", cmd_wait, DISK_NEEDED, OPT_AT_LEAST | OPT_TIMEOUT,
	  "wait until a disk, of SIZE or more, and the filesystem on it are grown" },
	{ "plan", cmd_plan, DISK_IMAGE,
	  OPT_JSON | OPT_VERBOSE | OPT_RECOVER | OPT_AUTO | OPT_SIZE | OPT_KEEP_FREE,
	  "say what a grow would do, step by step; to all disks where none is named,\n"
	  "        or to a raw image of a guest's disk; with --verbose block by block" },
	{ "grow", cmd_grow, DISK_TARGET,
	  OPT_JSON | OPT_VERBOSE | OPT_ALL | OPT_DRY_RUN | OPT_RECOVER | OPT_AUTO | OPT_SIZE |
		  OPT_KEEP_FREE,
	  "grow a disk's table, last partition and filesystems now; a dead primary\n"
	  "        GPT is taken from its backup first with --recover; with --auto only\n"
	  "        what would grow unasked, were the disk in use; --dry-run is plan,\n"
	  "        which --json and --verbose are for" },
	{ "doctor", cmd_doctor, DISK_OPTIONAL, OPT_JSON,
	  "look for all that would stop a growth, and say what to do about it" },
	{ "history", cmd_history, DISK_OPTIONAL, OPT_JSON,
	  "list what grew when, from what to what, and how long each stage took" },
	{ "metrics", cmd_metrics, DISK_NONE, 0,
	  "print sizes, states and counts in the text format of Prometheus" },
	{ "tables", cmd_tables, DISK_NEEDED, OPT_JSON,
	  "list the old partition tables that are stored of a disk" },
	{ "rollback", cmd_rollback, DISK_NEEDED, OPT_DRY_RUN | OPT_TO,
	  "give the last partition its size of an old table again" },
	{ "policy", cmd_policy, DISK_SET, OPT_JSON,
	  "show how far disks may grow, and which rule says so; or set it for one;\n"
	  "        hold is what growctl-policy.service runs at boot, wait waits until all\n"
	  "        rules are in force" },
	{ "check-config", cmd_check_config, DISK_ROOT, 0,
	  "look for errors in /etc/growctl.conf and /etc/growctl.conf.d, or in those\n"
	  "        below DIRECTORY" },
	{ "daemon", cmd_daemon, DISK_NONE, 0, "let filesystems follow their disks, until SIGTERM" },
};

static const char *const disk_words[] = {
	[DISK_NONE] = "",
	[DISK_OPTIONAL] = " [DISK]",
	[DISK_NEEDED] = " DISK",
	[DISK_TARGET] = " DISK|PARTITION|MOUNTPOINT|--all",
	[DISK_IMAGE] = " [DISK|PARTITION|MOUNTPOINT|IMAGE]",
	[DISK_SET] = " [DISK | set DISK KEY=VALUE... | hold | wait]",
	[DISK_ROOT] = " [DIRECTORY]",
};

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void command_print(const char *before, const struct command *c)
{
	printf("%s%s%s", before, c->name, disk_words[c->disk]);
	options_print(c->options & ~(unsigned int)OPT_ALL);
	printf("\n        %s\n", c->help);
}

/* Of one command, where @only is one's name. */
static int help(const char *only)
{
	const struct command *one = only ? command_find(only) : NULL;

	if (one) {
		command_print("Usage: growctl ", one);
	} else {
		puts("Usage: growctl COMMAND [OPTION] [DISK]\n");
		for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
			command_print("  ", &commands[i]);
		puts("\n  help [COMMAND], --help, --version");
	}
	puts("\nDISK is a name such as vda, /dev/vda or a link to it in /dev/disk.\n"
	     "SIZE is in bytes, or in units of 1024 with a letter: 512M, 1.5G, 20G.\n"
	     "Exit codes: 0 done, 1 usage or findings (doctor), 2 refused or failed, 3 nothing to do (grow, plan),\n"
	     "4 timed out (wait, policy).");
	return EXIT_DONE;
}

static int version(void)
{
	puts("growctl " GROWCTL_VERSION);
	return EXIT_DONE;
}

static int __attribute__((format(printf, 1, 2))) usage_error(const char *format, ...)
{
	va_list args;

	fputs("growctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("; see 'growctl --help'\n", stderr);
	return EXIT_USAGE;
}

static int target_complain(const char *arg, int err)
{
	if (err == -EINVAL)
		log_line(LOG_ERR, "%s: not a disk's name; 'growctl status' lists those there are",
			 arg);
	else if (err == -EXDEV)
		log_line(LOG_ERR,
			 "%s: lies on other devices (lsblk -s); name the disk at the bottom", arg);
	else if (err == -ENOTUNIQ)
		log_line(LOG_ERR,
			 "%s: lies on several devices (btrfs filesystem show); name the disk", arg);
	else if (err == -ENOTBLK)
		log_line(LOG_ERR, "%s: neither a disk nor where one's filesystem is mounted", arg);
	else
		log_line(LOG_ERR, "%s: %s", arg, strerror(-err));
	return EXIT_FAILED;
}

static int disk_missing(const struct command *command, const struct options *opt)
{
	if ((command->disk != DISK_NEEDED && command->disk != DISK_TARGET) || opt->given & OPT_ALL)
		return 0;
	return usage_error("name a disk: growctl %s%s", command->name, disk_words[command->disk]);
}

/* A file, unless it has only a name, and that of a disk. */
static bool is_image(const char *arg)
{
	struct stat st;
	struct volume v;

	if (!strchr(arg, '/') && volume_read(arg, &v) == 0)
		return false;
	return !strchr(arg, '/') ||
	       (stat(arg, &st) == 0 && !S_ISBLK(st.st_mode) && !S_ISDIR(st.st_mode));
}

static int image_take(const char *arg, struct options *opt)
{
	struct stat st;

	if (opt->given & OPT_RECOVER)
		return usage_error("--recover takes a disk, not an image");
	if (stat(arg, &st) < 0 || !S_ISREG(st.st_mode)) {
		log_line(LOG_ERR,
			 "%s: neither a disk, 'growctl status' lists them, nor an image's file",
			 arg);
		return EXIT_FAILED;
	}
	opt->image = arg;
	return 0;
}

static int disk_find(const struct command *command, const char *arg, struct options *opt)
{
	char name[NAME_SIZE + 12];
	int r = target_find(arg, &opt->target);

	if (r < 0)
		return target_complain(arg, r);
	if (opt->target.number && command->disk != DISK_TARGET && command->disk != DISK_IMAGE) {
		partition_name(opt->target.disk, opt->target.number, name, sizeof(name));
		log_line(LOG_ERR, "%s is a partition; name the disk that it is on, %s", name,
			 opt->target.disk);
		return EXIT_FAILED;
	}
	opt->disk = opt->target.disk;
	return 0;
}

/* What stands behind "set". */
static int settings_take(const struct command *command, char **args, int n, struct options *opt)
{
	if (n < 2)
		return usage_error("say what to set: growctl policy set DISK KEY=VALUE...");
	if (opt->given & OPT_JSON)
		return usage_error("--json is not for policy set");
	opt->words = args + 1;
	opt->n_words = (size_t)n - 1;
	return disk_find(command, args[0], opt);
}

static int disk_take(const struct command *command, char **args, int n, struct options *opt)
{
	bool none = command->disk == DISK_NONE || opt->given & OPT_ALL;

	if (command->disk == DISK_SET && n && !strcmp(args[0], "set"))
		return settings_take(command, args + 1, n - 1, opt);
	if (command->disk == DISK_SET && n == 1 && !strcmp(args[0], "hold"))
		opt->hold = true;
	if (command->disk == DISK_SET && n == 1 && !strcmp(args[0], "wait"))
		opt->await = true;
	if (opt->hold || opt->await)
		return opt->given & OPT_JSON ? usage_error("--json is not for policy %s", args[0]) :
					       0;
	if (n > (none ? 0 : 1))
		return usage_error("too many arguments for %s", command->name);
	if (!n)
		return disk_missing(command, opt);
	if (command->disk == DISK_ROOT) {
		opt->root = args[0];
		return 0;
	}
	if (command->disk == DISK_IMAGE && is_image(args[0]))
		return image_take(args[0], opt);
	return disk_find(command, args[0], opt);
}

static int run(char **args, int n, struct options *opt)
{
	const struct command *command;
	const char *wrong;
	int r;

	if (!n)
		return usage_error("no command");
	if (!strcmp(args[0], "help"))
		return help(n > 1 ? args[1] : NULL);
	command = command_find(args[0]);
	if (!command)
		return usage_error("unknown command %s", args[0]);
	wrong = option_not_in(opt->given, command->options);
	if (wrong)
		return usage_error("--%s is not for %s", wrong, command->name);
	if (command->run == cmd_grow && !(opt->given & OPT_DRY_RUN) &&
	    opt->given & (OPT_JSON | OPT_VERBOSE))
		return usage_error("--json and --verbose are for grow --dry-run");
	if (opt->given & OPT_RECOVER && (opt->given & OPT_ALL || n < 2))
		return usage_error("--recover takes one disk");
	if (opt->given & OPT_SIZE && (opt->given & OPT_ALL || n < 2))
		return usage_error("--size takes one disk");
	r = disk_take(command, args + 1, n - 1, opt);
	if (r)
		return r;
	/* For the tree's lines alone: numbers keep their decimal point. The daemon draws none. */
	if (command->run != cmd_daemon)
		setlocale(LC_CTYPE, "");
	return command->run(opt);
}

/* What nobody could read was not done. */
static int output_check(int status)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return status;
	log_line(LOG_ERR, "cannot write to standard output");
	return EXIT_FAILED;
}

static int take_and_run(int argc, char **argv)
{
	struct options opt = { 0 };
	char wrong[OPTION_WRONG];
	int first = options_take(argc, argv, &opt, wrong);

	if (first == -ERANGE)
		return usage_error("wrong argument: %s", wrong);
	if (first < 0)
		return usage_error("%s: no such option, or its argument is missing", wrong);
	if (opt.given & OPT_HELP)
		return help(argv[first]);
	if (opt.given & OPT_VERSION)
		return version();
	return run(argv + first, argc - first, &opt);
}

int main(int argc, char **argv)
{
	/* What is printed stands in its order beside the errors, in a file too. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	return output_check(take_and_run(argc, argv));
}
