// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line's options. A new one is a line in known[] and a bit of its own. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "policy.h"

/* Up to 11 days. */
#define SECONDS_DIGITS 6

/**
 * struct known - an option
 * @letter: its short form, or 0
 * @value: what its argument is, in a word; NULL where it has none
 * @take: keeps the argument; returns 0, or -EINVAL
 */
struct known {
	const char *name;
	char letter;
	unsigned int bit;
	const char *value;
	int (*take)(const char *arg, struct options *opt);
};

/* Digits alone, and no more than @digits of them. */
static int number_take(const char *arg, size_t digits, unsigned long *ret)
{
	size_t n = strspn(arg, "0123456789");

	if (!n || n > digits || arg[n])
		return -EINVAL;
	*ret = strtoul(arg, NULL, 10);
	return 0;
}

static int to_take(const char *arg, struct options *opt)
{
	unsigned long id;
	int r = number_take(arg, 9, &id);

	if (r < 0 || !id)
		return -EINVAL;
	opt->to = (uint32_t)id;
	return 0;
}

static int at_least_take(const char *arg, struct options *opt)
{
	return size_parse(arg, &opt->at_least);
}

static int timeout_take(const char *arg, struct options *opt)
{
	unsigned long seconds;
	int r = number_take(arg, SECONDS_DIGITS, &seconds);

	if (r == 0)
		opt->timeout_ms = (int64_t)seconds * 1000;
	return r;
}

static int size_take(const char *arg, struct options *opt)
{
	uint64_t size;
	int r = size_parse(arg, &size);

	if (r < 0 || !size)
		return -EINVAL;
	opt->bounds.max = size;
	return 0;
}

/* As in the configuration. The last one holds, be it of bytes or of the disk. */
static int keep_free_take(const char *arg, struct options *opt)
{
	struct policy_value value;
	int r = policy_value_parse(POLICY_KEEP_FREE, arg, &value);

	if (r < 0)
		return r;
	opt->bounds.keep_free = value.per_cent ? 0 : value.number;
	opt->bounds.keep_per_cent = value.per_cent ? (uint32_t)value.number : 0;
	return 0;
}

static int columns_take(const char *arg, struct options *opt)
{
	opt->columns = arg;
	return 0;
}

/* In the order in which the help names them. */
static const struct known known[] = {
	{ "json", 'J', OPT_JSON, NULL, NULL },
	{ "output", 'o', OPT_OUTPUT, "COLUMNS", columns_take },
	{ "bytes", 'b', OPT_BYTES, NULL, NULL },
	{ "noheadings", 'n', OPT_NOHEADINGS, NULL, NULL },
	{ "list", 'l', OPT_LIST, NULL, NULL },
	{ "verbose", 'v', OPT_VERBOSE, NULL, NULL },
	{ "to", 0, OPT_TO, "ID", to_take },
	{ "dry-run", 0, OPT_DRY_RUN, NULL, NULL },
	{ "recover", 0, OPT_RECOVER, NULL, NULL },
	{ "auto", 0, OPT_AUTO, NULL, NULL },
	{ "all", 0, OPT_ALL, NULL, NULL },
	{ "size", 0, OPT_SIZE, "SIZE", size_take },
	{ "keep-free", 0, OPT_KEEP_FREE, "SIZE|%", keep_free_take },
	{ "at-least", 0, OPT_AT_LEAST, "SIZE", at_least_take },
	{ "timeout", 0, OPT_TIMEOUT, "SECONDS", timeout_take },
	{ "help", 'h', OPT_HELP, NULL, NULL },
	{ "version", 'V', OPT_VERSION, NULL, NULL },
};

/* What getopt_long() returns for the name of known[0]; no letter is as large. */
#define LONG_FORMS 256

/* Both forms of known[], for getopt_long(). */
struct forms {
	struct option names[ARRAY_SIZE(known) + 1];
	char letters[2 * ARRAY_SIZE(known) + 1];
};

static void forms_make(struct forms *forms)
{
	char *letter = forms->letters;

	*forms = (struct forms){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		forms->names[i] = (struct option){
			.name = known[i].name,
			.has_arg = known[i].value ? required_argument : no_argument,
			.val = LONG_FORMS + (int)i,
		};
		if (!known[i].letter)
			continue;
		*letter++ = known[i].letter;
		if (known[i].value)
			*letter++ = ':';
	}
}

static const struct known *known_of(int c)
{
	if (c >= LONG_FORMS)
		return &known[c - LONG_FORMS];
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (c == known[i].letter)
			return &known[i];
	return NULL;
}

/* Of letters in one word, getopt_long() names the wrong one. */
static void say_unknown(const char *word, char ret_wrong[OPTION_WRONG])
{
	if (optopt > 0 && optopt < LONG_FORMS)
		snprintf(ret_wrong, OPTION_WRONG, "-%c", optopt);
	else
		snprintf(ret_wrong, OPTION_WRONG, "%s", word);
}

/**
 * options_take() - read the options, wherever they stand
 * @argc: of main()
 * @argv: of main(); what is no option is moved to its end
 * @opt: receives them
 * @ret_wrong: after an error, what is at fault
 *
 * Returns the index of the first word that is no option, -EINVAL where there is
 * no such option or its argument is missing, or -ERANGE where the argument
 * cannot be one.
 */
int options_take(int argc, char **argv, struct options *opt, char ret_wrong[OPTION_WRONG])
{
	struct forms forms;
	int c;

	forms_make(&forms);
	opterr = 0;
	while ((c = getopt_long(argc, argv, forms.letters, forms.names, NULL)) != -1) {
		const struct known *k = known_of(c);

		if (!k) {
			say_unknown(argv[optind - 1], ret_wrong);
			return -EINVAL;
		}
		if (k->take && k->take(optarg, opt) < 0) {
			snprintf(ret_wrong, OPTION_WRONG, "--%s %s (%s)", k->name, optarg,
				 k->value);
			return -ERANGE;
		}
		opt->given |= k->bit;
	}
	return optind;
}

/** options_bounds() - how far a grow may go by what was said, or NULL where nothing was. */
const struct lg_limits *options_bounds(const struct options *opt)
{
	return opt->given & (OPT_SIZE | OPT_KEEP_FREE) ? &opt->bounds : NULL;
}

/**
 * option_not_in() - the first option that a command does not take
 * @given: those that were said, OPT_*
 * @allowed: those that it takes
 *
 * Returns its name without dashes, or NULL.
 */
const char *option_not_in(unsigned int given, unsigned int allowed)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (given & ~allowed & known[i].bit)
			return known[i].name;
	return NULL;
}

static void letter_print(char letter)
{
	if (letter)
		printf(" [-%c|", letter);
	else
		printf(" [");
}

/** options_print() - for the help: " [-J|--json] [--to ID]". */
void options_print(unsigned int allowed)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (allowed & known[i].bit) {
			letter_print(known[i].letter);
			printf("--%s%s%s]", known[i].name, known[i].value ? " " : "",
			       known[i].value ? known[i].value : "");
		}
}
