// SPDX-License-Identifier: GPL-2.0-or-later
/* growctl plan: what a grow would do, of this machine's disks or of an image for a guest. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <linux/livegrow.h>
#include <livegrow/words.h>

#include "cmd.h"
#include "content.h"
#include "filesystem.h"
#include "grow.h"
#include "names.h"
#include "plan_disk.h"

/* A plan of an image is that of a person's complete command: no order is awaited, and no guest uses the image. */
#define PERMITTED                                                               \
	(LIVEGROW_FLAG_ASKED | LIVEGROW_FLAG_UNUSED | LIVEGROW_FLAG_FREE_TAIL | \
	 LIVEGROW_FLAG_RECOVER)

#define WORDS_SIZE 256

/**
 * struct image - a file that a guest will have as its disk, or a disk without the module
 * @path: as it was said
 * @name: its last part
 * @word: what is permitted
 * @is_bounded: somebody said how far
 * @content: of its last partition, or of all of it
 */
struct image {
	const char *path, *name;
	struct plan_word word;
	bool is_bounded;
	int fd;
	struct draft draft;
	char content[CONTENT_SIZE];
	struct plan_table *rows;
};

/* The guest's disk lies inside of these: what they begin with is none of its blocks. */
static const char *format_of(int fd)
{
	static const struct {
		const char *magic, *name;
	} known[] = {
		{ "QFI\xfb", "qcow2" },
		{ "KDMV", "vmdk" },
		{ "vhdxfile", "vhdx" },
		{ "conectix", "vhd" },
	};
	char begin[8] = "";

	if (pread(fd, begin, sizeof(begin), 0) != sizeof(begin))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!memcmp(begin, known[i].magic, strlen(known[i].magic)))
			return known[i].name;
	return NULL;
}

static int complain(const struct image *image, int err)
{
	log_line(LOG_ERR, "%s: cannot be read: %s", image->path, strerror(-err));
	return EXIT_FAILED;
}

static int refuse(struct image *image, const char *why)
{
	plan_row_words(image->rows, image->name, "refused", why);
	return EXIT_FAILED;
}

static int refuse_end(struct image *image, const struct plan_end *end)
{
	char words[WORDS_SIZE], content[CONTENT_SIZE + 16] = "";

	if (end->reason == LIVEGROW_REASON_PART_CONTENT)
		snprintf(content, sizeof(content), ", and holds %s",
			 image->content[0] ? image->content : "nothing that is known");
	plan_end_words(end, image->name, words, sizeof(words) - sizeof(content));
	strcat(words, content);
	return refuse(image, words);
}

/* Who makes the content follow; NULL where nobody does. */
static const char *follower(const char *type)
{
	if (fs_type_grows(type))
		return "when the guest mounts it";
	if (!strcmp(type, "LVM2_member"))
		return "by pvresize in the guest";
	if (!strcmp(type, "crypto_LUKS"))
		return "by cryptsetup resize in the guest";
	return NULL;
}

static void follower_show(struct image *image, const char *device)
{
	const char *how = follower(image->content);
	char words[WORDS_SIZE];

	snprintf(words, sizeof(words), "%s %s %s", image->content,
		 how ? "follows" : "does not follow", how ? how : "while it is in use");
	plan_row_words(image->rows, device, name_of_step(LIVEGROW_STEP_FILESYSTEM), words);
}

static int nothing_to_do(struct image *image, const char *why)
{
	char words[WORDS_SIZE + 32];

	snprintf(words, sizeof(words), "nothing to do%s%s", why[0] ? ": " : "", why);
	plan_row_words(image->rows, image->name, "nothing", words);
	return EXIT_NOTHING;
}

/* How a content that starts at @start stands to the @size bytes that are there for it. */
enum taken { TAKEN_UNKNOWN, TAKEN_ALL, TAKEN_LESS };

static enum taken is_taken(const struct image *image, uint64_t start, uint64_t size)
{
	uint64_t has = content_size_at(image->fd, start, image->content);

	if (!has)
		return TAKEN_UNKNOWN;
	return has + CONTENT_ROUNDING > size ? TAKEN_ALL : TAKEN_LESS;
}

/* Without partitions there is nothing to write; a filesystem on all of it grows by itself. */
static int whole_show(struct image *image)
{
	char words[WORDS_SIZE], table[CONTENT_SIZE];
	off_t size = lseek(image->fd, 0, SEEK_END);

	if (content_table(image->fd, table))
		return refuse(image, lg_reason_words(LIVEGROW_REASON_NOT_GPT));
	if (content_probe_at(image->fd, 0, 0, image->content) < 0)
		return refuse(image, "neither a partition table nor a filesystem");
	if (image->is_bounded)
		return refuse(image, "has no partition that --size or --keep-free could bound");
	if (!follower(image->content)) {
		snprintf(words, sizeof(words), "all of it is %s, which does not grow",
			 image->content);
		return refuse(image, words);
	}
	if (size >= 0 && is_taken(image, 0, (uint64_t)size) == TAKEN_ALL) {
		snprintf(words, sizeof(words), "%s takes all of it", image->content);
		return nothing_to_do(image, words);
	}
	follower_show(image, image->name);
	return EXIT_DONE;
}

static int nothing_show(struct image *image, const struct plan_end *end)
{
	char why[WORDS_SIZE], part[DEVICE_TEXT];

	/* Its partition has grown, and the guest was off since. */
	if (end->number && follower(image->content) &&
	    is_taken(image, end->start, end->from) == TAKEN_LESS) {
		partition_name(image->name, end->number, part, sizeof(part));
		follower_show(image, part);
		return EXIT_DONE;
	}
	plan_end_words(end, image->name, why, sizeof(why));
	return nothing_to_do(image, why);
}

static int end_show(struct image *image, const struct plan_end *end)
{
	char part[DEVICE_TEXT];

	if (end->is_recovery)
		plan_row_words(image->rows, image->name, name_of_step(LIVEGROW_STEP_RECOVER_HEADER),
			       "a growth was interrupted: this is written only with --recover");
	if (end->reason == LIVEGROW_REASON_NO_TABLE)
		return whole_show(image);
	if (end->state != LIVEGROW_STATE_FULL)
		return refuse_end(image, end);
	if (!end->writes)
		return nothing_show(image, end);
	if (end->to <= end->from)
		return EXIT_DONE;
	partition_name(image->name, end->number, part, sizeof(part));
	plan_row_sizes(image->rows, part, LIVEGROW_STEP_PARTITION, "growing the partition",
		       end->from, end->to);
	if (image->content[0])
		follower_show(image, part);
	return EXIT_DONE;
}

/* The answer that the module gets from growctl. Return: whether it changes the plan. */
static bool is_asked(struct image *image, const struct plan_end *end)
{
	bool grows = content_growable(image->content);

	if (grows && (end->reason == LIVEGROW_REASON_PART_CONTENT ||
		      end->reason == LIVEGROW_REASON_CONTENT_AWAITED))
		image->word.flags |= LIVEGROW_FLAG_CONTENT;
	else if (end->reason == LIVEGROW_REASON_CONTENT_AWAITED)
		image->word.holding.answer = LIVEGROW_REASON_PART_UNKNOWN;
	else
		return false;
	return true;
}

static int image_plan(struct image *image)
{
	struct plan_end end;
	int r = plan_steps(&image->draft, image->name, &image->word, image->rows, &end);

	if (r == 0 && end.number)
		content_probe_at(image->fd, end.start, end.from, image->content);
	if (r == 0 && is_asked(image, &end))
		r = plan_steps(&image->draft, image->name, &image->word, image->rows, &end);
	draft_free(&image->draft);
	return r < 0 ? complain(image, r) : end_show(image, &end);
}

static int file_plan(struct image *image)
{
	const char *format = format_of(image->fd);
	char why[WORDS_SIZE];
	int r;

	if (format) {
		snprintf(why, sizeof(why),
			 "a %s file, with the guest's disk inside of it: qemu-nbd shows it as a "
			 "disk, qemu-img convert -O raw makes an image",
			 format);
		return refuse(image, why);
	}
	r = draft_of_image(image->fd, &image->draft);
	return r < 0 ? complain(image, r) : image_plan(image);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int file_run(struct image *image)
{
	int r;

	image->fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (image->fd < 0)
		return complain(image, -errno);
	r = file_plan(image);
	close(image->fd);
	return r;
}

/* Such as one of qemu-nbd, on a host: what its table says is all there is to plan by. */
static int disk_run(struct image *image)
{
	int r = plan_without_module(image->path, &image->draft, &image->fd);

	if (r < 0)
		return complain(image, r);
	r = image_plan(image);
	close(image->fd);
	return r;
}

static bool module_is_absent(void)
{
	struct lg lg;
	int r = lg_open(&lg);

	if (r == 0)
		lg_close(&lg);
	return r == -ENOENT;
}

static int run(const struct options *opt, struct plan_table *rows)
{
	struct image image = {
		.path = opt->image ? opt->image : opt->disk,
		.word = { .flags = opt->given & OPT_AUTO ? 0 : PERMITTED, .limits = opt->bounds },
		.is_bounded = options_bounds(opt),
		.rows = rows,
	};
	struct options all = *opt;

	if (image.path)
		image.name = base_of(image.path);
	if (opt->image)
		return file_run(&image);
	if (opt->disk && module_is_absent() && !(opt->given & (OPT_DRY_RUN | OPT_RECOVER))) {
		log_line(LOG_WARNING, "%s: planned by its table alone: livegrow is not loaded",
			 opt->disk);
		return disk_run(&image);
	}
	if (!opt->disk)
		all.given |= OPT_ALL;
	return grow_run(&all, rows);
}

/** cmd_plan() - say what a grow would do, and do nothing; returns an exit code. */
int cmd_plan(const struct options *opt)
{
	struct plan_table rows;
	int ret, r = plan_table_new(opt->given & OPT_JSON, opt->given & OPT_VERBOSE, &rows);

	if (r < 0) {
		log_line(LOG_ERR, "cannot show a plan: %s", strerror(-r));
		return EXIT_FAILED;
	}
	ret = run(opt, &rows);
	r = plan_table_print(&rows);
	plan_table_free(&rows);
	if (r < 0)
		log_line(LOG_ERR, "cannot show the plan: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : ret;
}
