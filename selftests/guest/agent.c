// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The guest's end of the test channel: runs commands for the host.
 *
 *   agent PORT        PORT is a virtio-serial port, /dev/vport0p1
 *
 * Each request is {u32 id, u32 command length, u64 input length}, the command
 * for /bin/sh and its standard input. Each answer is {u32 id, s32 status,
 * u64 output length} and the output, standard error included. A request
 * without a command kills the one that has its id, which is then answered
 * with status -1. All numbers are little endian.
 *
 * Every request has a process of its own, so requests overlap and answers come
 * in the order in which the commands end. Input and output are memfds, not
 * pipes: a daemon that a command leaves behind holds nothing up.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATUS_KILLED (-1)
#define STATUS_SIGNAL 128

struct request {
	uint32_t id;
	uint32_t command_len;
	uint64_t input_len;
} __attribute__((packed));

struct answer {
	uint32_t id;
	int32_t status;
	uint64_t output_len;
} __attribute__((packed));

/* The processes of the last requests, by their ids. */
#define IDS 65536

static pid_t servers[IDS];
static int answer_lock;
static volatile sig_atomic_t killed;

static void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			die("write");
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
}

/* A port without a host at its other end reads as end of file: wait for one. */
static void read_all(int fd, void *data, size_t len)
{
	char *at = data;

	while (len) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			die("read");
		if (n <= 0) {
			usleep(20 * 1000);
			continue;
		}
		at += n;
		len -= n;
	}
}

static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		die("memfd_create");
	return fd;
}

static int read_input(int port, uint64_t len)
{
	static char buf[1 << 16];
	int fd = memory_file("input");

	while (len) {
		size_t part = len < sizeof(buf) ? len : sizeof(buf);

		read_all(port, buf, part);
		write_all(fd, buf, part);
		len -= part;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void on_kill(int signal_number)
{
	(void)signal_number;
	killed = 1;
}

/* SIGUSR1 is let in only where a process waits for its command. */
static void mask_kill(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(how, &set, NULL);
}

static pid_t start_shell(const char *command, int in, int out)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	setsid();
	signal(SIGUSR1, SIG_DFL);
	mask_kill(SIG_UNBLOCK);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Returns the shell's exit status. SIGUSR1 kills the shell, group and all. */
static int wait_for(pid_t pid)
{
	struct pollfd ended = {
		.fd = syscall(SYS_pidfd_open, pid, 0),
		.events = POLLIN,
	};
	sigset_t none;
	int status;

	if (ended.fd < 0)
		die("pidfd_open");
	sigemptyset(&none);
	while (!killed && ppoll(&ended, 1, NULL, &none) < 0 && errno == EINTR)
		;
	if (killed)
		kill(-pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	if (killed)
		return STATUS_KILLED;
	if (WIFSIGNALED(status))
		return STATUS_SIGNAL + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* The offset is given apart from the file's own, which the command's children may share. */
static void send_answer(int port, uint32_t id, int status, int out)
{
	static char buf[1 << 16];
	off_t len = lseek(out, 0, SEEK_END), at = 0;
	struct answer answer = {
		.id = htole32(id),
		.status = htole32(status),
		.output_len = htole64(len),
	};

	if (lockf(answer_lock, F_LOCK, 0))
		die("lockf");
	write_all(port, &answer, sizeof(answer));
	while (at < len) {
		size_t part = len - at < (off_t)sizeof(buf) ? len - at : (off_t)sizeof(buf);
		ssize_t n = pread(out, buf, part, at);

		if (n < 0)
			die("pread");
		if (n == 0) { /* cut short by its writer: keep the promised length */
			memset(buf, 0, part);
			n = part;
		}
		write_all(port, buf, n);
		at += n;
	}
}

static void serve(int port, const struct request *rq, const char *command, int in)
{
	int out = memory_file("output"), status;

	signal(SIGCHLD, SIG_DFL);
	signal(SIGUSR1, on_kill);
	/* Appending, so that the shell and its children never overwrite each other. */
	fcntl(out, F_SETFL, O_APPEND);
	status = wait_for(start_shell(command, in, out));
	send_answer(port, le32toh(rq->id), status, out);
	_exit(0);
}

static void start_server(int port, const struct request *rq, const char *command, int in)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		serve(port, rq, command, in);
	servers[le32toh(rq->id) % IDS] = pid;
}

static void kill_server(pid_t pid)
{
	if (pid > 0)
		kill(pid, SIGUSR1);
}

static void take_request(int port)
{
	struct request rq;
	char *command;
	int in;

	read_all(port, &rq, sizeof(rq));
	if (!rq.command_len) {
		kill_server(servers[le32toh(rq.id) % IDS]);
		return;
	}
	command = calloc(1, (size_t)le32toh(rq.command_len) + 1);
	if (!command)
		die("calloc");
	read_all(port, command, le32toh(rq.command_len));
	in = read_input(port, le64toh(rq.input_len));
	start_server(port, &rq, command, in);
	close(in);
	free(command);
}

int main(int argc, char **argv)
{
	int port;

	if (argc != 2) {
		fprintf(stderr, "usage: agent PORT\n");
		return 1;
	}
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	mask_kill(SIG_BLOCK);
	answer_lock = memory_file("answer-lock");
	port = open(argv[1], O_RDWR | O_CLOEXEC);
	if (port < 0)
		die(argv[1]);
	for (;;)
		take_request(port);
}
