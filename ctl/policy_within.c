// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A label, and the GUID of a disk that was rolled back, are read from the disk, which may
 * not answer: a process reads them, and is left behind where it takes too long. Forked
 * twice, so that nobody here has to wait for its end.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "conf.h"
#include "policy.h"
#include "process.h"
#include "util.h"

/* Fits into a pipe at once. Its pointers lead into @conf, which is in both processes' memory. */
struct answer {
	int err;
	struct policy policy;
};
static_assert(sizeof(struct answer) <= 4096, "no room for it in a pipe");

static bool may_read(const struct conf *conf)
{
	return conf_asks(conf, CONF_LABEL) || conf_asks(conf, CONF_MOUNTPOINT) || ask_any();
}

static void answer_write(const struct conf *conf, const char *disk, int fd)
{
	struct answer answer = { 0 };

	process_keep(fd);
	answer.err = policy_of_disk(conf, disk, &answer.policy);
	_exit(write(fd, &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
}

/* Returns what is wrong with the process between, which is gone then. */
static int start(const struct conf *conf, const char *disk, int fd)
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		pid = fork();
		if (!pid)
			answer_write(conf, disk, fd);
		_exit(pid < 0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? -EAGAIN : 0;
}

static int answer_read(int fd, int ms, struct policy *ret)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	struct answer answer;
	int n = poll(&poller, 1, ms);

	if (n <= 0)
		return n < 0 ? -errno : -ETIMEDOUT;
	if (read(fd, &answer, sizeof(answer)) != sizeof(answer))
		return -EAGAIN;
	if (answer.err == 0)
		*ret = answer.policy;
	return answer.err;
}

/**
 * policy_of_disk_within() - how a disk may grow, for who has other disks to look after
 * @conf: of conf_read()
 * @disk: the disk's name
 * @ms: so long its answer is waited for
 * @ret: as of policy_of_disk()
 *
 * Returns 0, -ETIMEDOUT where the disk does not answer, or the errors of policy_of_disk().
 */
int policy_of_disk_within(const struct conf *conf, const char *disk, int ms, struct policy *ret)
{
	int r, fds[2];

	if (!may_read(conf))
		return policy_of_disk(conf, disk, ret);
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = start(conf, disk, fds[1]);
	close(fds[1]);
	if (r == 0)
		r = answer_read(fds[0], ms, ret);
	close(fds[0]);
	return r;
}
