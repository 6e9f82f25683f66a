// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes numbered, checksummed blocks and reads them back: the load under which
 * a disk grows, and the proof that nothing of it was lost.
 *
 *   writer DIR SECONDS|until-stopped     appends to DIR/writer.0 ... with fsyncs
 *   writer --verify DIR [COUNT]          re-reads every block
 *   writer --raw DEVICE SECONDS|until-stopped    the same in place on a partition
 *   writer --verify-raw DEVICE
 *
 * Each block holds its slot, the round in which it was written and a checksum of
 * all of it. The very first block says how many an fsync has made durable: each of
 * those must be there, in that round or a later one; what came after it may be. It
 * is written past the page cache, so that a log of the disk's writes has it where
 * the fsyncs were done. COUNT are durable even if it says fewer.
 * It stops on SIGTERM, with a last fsync and a line of what was written.
 * Verification ends with "N ok, N bad" and fails on any bad block, and on none.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define FILES 4
#define FILE_BLOCKS 4096 /* 16 MiB a file: 64 MiB in all, then round again */
#define RAW_BLOCKS 16384
#define SYNC_EVERY 64
#define MAGIC 0x776f72677665696cULL
#define STATE_SLOT UINT64_MAX

struct block {
	uint64_t magic;
	uint64_t slot;
	uint64_t round;
	uint64_t checksum;
	uint64_t data[BLOCK / 8 - 4];
};

struct store {
	int fd[FILES];
	int state_fd;
	unsigned int files;
	uint64_t blocks; /* in each file */
};

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "writer: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* FNV-1a over words; the checksum field itself counts as zero. */
static uint64_t checksum(const struct block *block)
{
	const uint64_t *word = (const uint64_t *)block;
	uint64_t sum = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < BLOCK / 8; i++) {
		sum ^= &word[i] == &block->checksum ? 0 : word[i];
		sum *= 0x100000001b3ULL;
	}
	return sum;
}

static void fill(struct block *block, uint64_t slot, uint64_t round)
{
	uint64_t state = (slot << 32) ^ round ^ MAGIC;

	block->magic = MAGIC;
	block->slot = slot;
	block->round = round;
	for (size_t i = 0; i < sizeof(block->data) / 8; i++) {
		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		block->data[i] = state;
	}
	block->checksum = checksum(block);
}

/* All that changes lies in the block's first sector: a power cut cannot tear it. */
static void fill_state(struct block *block, uint64_t durable)
{
	memset(block, 0, sizeof(*block));
	block->magic = MAGIC;
	block->slot = STATE_SLOT;
	block->round = durable;
	block->checksum = checksum(block);
}

static void open_state(struct store *store, const char *path)
{
	store->state_fd = open(path, O_WRONLY | O_DIRECT);
	if (store->state_fd < 0)
		die(path);
}

static void open_directory(struct store *store, const char *dir, int flags)
{
	char path[4096];

	store->files = FILES;
	store->blocks = FILE_BLOCKS;
	for (unsigned int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/writer.%u", dir, i);
		store->fd[i] = open(path, flags, 0600);
		if (store->fd[i] < 0 && !(errno == ENOENT && !(flags & O_CREAT)))
			die(path);
	}
	if (flags & O_CREAT) {
		snprintf(path, sizeof(path), "%s/writer.0", dir);
		open_state(store, path);
	}
}

/* Of a device that can grow, what is written stays within its first size. */
static void open_raw(struct store *store, const char *device, int flags)
{
	off_t size;

	store->files = 1;
	store->fd[0] = open(device, flags & ~(O_CREAT | O_TRUNC));
	if (store->fd[0] < 0)
		die(device);
	size = lseek(store->fd[0], 0, SEEK_END);
	store->blocks = size / BLOCK < RAW_BLOCKS ? size / BLOCK : RAW_BLOCKS;
	if (store->blocks < 2) {
		errno = ENOSPC;
		die(device);
	}
	if (flags & O_RDWR)
		open_state(store, device);
}

static uint64_t seconds_left(const char *limit)
{
	char *end;
	uint64_t seconds = strtoull(limit, &end, 10);

	if (!strcmp(limit, "until-stopped"))
		return UINT64_MAX;
	if (*end || end == limit) {
		fprintf(stderr, "writer: %s is neither seconds nor until-stopped\n", limit);
		exit(1);
	}
	return seconds;
}

/* Block 0 of all is the state; slot N is block N + 1. */
static uint64_t slots(const struct store *store)
{
	return store->files * store->blocks - 1;
}

static void put_at(int fd, off_t offset, const struct block *block)
{
	ssize_t n = pwrite(fd, block, BLOCK, offset);

	if (n >= 0 && n != BLOCK)
		errno = ENOSPC;
	if (n != BLOCK)
		die("pwrite");
}

static void put(const struct store *store, uint64_t at, const struct block *block)
{
	put_at(store->fd[at / store->blocks], (off_t)(at % store->blocks) * BLOCK, block);
}

static bool get(const struct store *store, uint64_t at, struct block *block)
{
	int fd = store->fd[at / store->blocks];

	return fd >= 0 && pread(fd, block, BLOCK, (off_t)(at % store->blocks) * BLOCK) == BLOCK &&
	       block->magic == MAGIC && block->checksum == checksum(block);
}

/* The count follows what it counts: it never says too much. */
static void make_durable(const struct store *store, uint64_t count)
{
	static struct block state __attribute__((aligned(BLOCK)));

	for (unsigned int i = 0; i < store->files; i++)
		if (fsync(store->fd[i]))
			die("fsync");
	fill_state(&state, count);
	put_at(store->state_fd, 0, &state);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* A short pause after each fsync leaves two emulated processors to the kernel. */
static int write_all(const struct store *store, const char *limit)
{
	static struct block block;
	uint64_t count = 0, left = seconds_left(limit);
	double start;

	make_durable(store, 0);
	start = seconds_now();
	while (!stopped && seconds_now() - start < (double)left) {
		fill(&block, count % slots(store), count / slots(store));
		put(store, count % slots(store) + 1, &block);
		if (++count % SYNC_EVERY == 0) {
			make_durable(store, count);
			usleep(5000);
		}
	}
	make_durable(store, count);
	make_durable(store, count);
	printf("%llu blocks written\n", (unsigned long long)count);
	return count ? 0 : 1;
}

static int verify(const struct store *store, uint64_t least_durable)
{
	static struct block block;
	uint64_t ok = 0, bad = 0, durable;

	if (!get(store, 0, &block) || block.slot != STATE_SLOT) {
		printf("the state block is bad\n0 ok, 1 bad\n");
		return 1;
	}
	durable = block.round < least_durable ? least_durable : block.round;
	for (uint64_t slot = 0; slot < slots(store) && slot < durable; slot++) {
		uint64_t least = (durable - 1 - slot) / slots(store);

		if (get(store, slot + 1, &block) && block.slot == slot && block.round >= least) {
			ok++;
			continue;
		}
		bad++;
		printf("bad block %llu\n", (unsigned long long)slot);
	}
	printf("%llu ok, %llu bad\n", (unsigned long long)ok, (unsigned long long)bad);
	return bad || !ok;
}

static int usage(void)
{
	fprintf(stderr, "usage: writer [--raw] TARGET SECONDS|until-stopped\n"
			"       writer --verify DIR [COUNT] | --verify-raw DEVICE\n");
	return 1;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = stop };
	struct store store;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "--verify")) {
		open_directory(&store, argv[2], O_RDONLY);
		return verify(&store, argc == 4 ? strtoull(argv[3], NULL, 10) : 0);
	}
	if (argc == 3 && !strcmp(argv[1], "--verify-raw")) {
		open_raw(&store, argv[2], O_RDONLY);
		return verify(&store, 0);
	}
	if (argc == 4 && !strcmp(argv[1], "--raw")) {
		open_raw(&store, argv[2], O_RDWR);
		return write_all(&store, argv[3]);
	}
	if (argc != 3)
		return usage();
	open_directory(&store, argv[1], O_RDWR | O_CREAT | O_TRUNC);
	return write_all(&store, argv[2]);
}
