// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is mounted in other mount namespaces: a service's, a container's. Each is reached
 * through a process in it, and only where that has the same user namespace: whoever is root
 * in one of his own could have a path lead to a server of his that never answers.
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <libmount.h>

#include "namespaces.h"

/* Room for "/proc/PID/mountinfo". */
#define PROC_TEXT 64

/**
 * struct seen - the mount namespaces that were looked at
 * @user: the user namespace of this process
 */
struct seen {
	ino_t user, *mounts;
	size_t n;
};

static int ns_of(const char *pid, const char *kind, ino_t *ret)
{
	char path[PROC_TEXT];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%.20s/ns/%s", pid, kind);
	if (stat(path, &st) < 0)
		return -errno;
	*ret = st.st_ino;
	return 0;
}

/* Returns 1 where it is a new one, 0 where not, or -ENOMEM. */
static int seen_add(struct seen *seen, ino_t ns)
{
	ino_t *more;

	for (size_t i = 0; i < seen->n; i++)
		if (seen->mounts[i] == ns)
			return 0;
	more = reallocarray(seen->mounts, seen->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	seen->mounts = more;
	more[seen->n++] = ns;
	return 1;
}

/* A process that is gone, or that may not be looked at, has nothing new. */
static int process_is_new(struct seen *seen, const char *pid)
{
	ino_t user, mounts;

	if (ns_of(pid, "user", &user) < 0 || user != seen->user || ns_of(pid, "mnt", &mounts) < 0)
		return 0;
	return seen_add(seen, mounts);
}

/* From here its mountpoints have longer names. */
static int targets_prefix(struct libmnt_table *mounts, const char *pid)
{
	struct libmnt_iter *it = mnt_new_iter(MNT_ITER_FORWARD);
	char path[PATH_MAX + PROC_TEXT];
	struct libmnt_fs *fs;
	int r = it ? 0 : -ENOMEM;

	while (r == 0 && mnt_table_next_fs(mounts, it, &fs) == 0) {
		const char *target = mnt_fs_get_target(fs);

		if (!target)
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/root%s", pid, target);
		r = mnt_fs_set_target(fs, path);
	}
	mnt_free_iter(it);
	return r;
}

static struct libmnt_table *mounts_of(const char *pid)
{
	char path[PROC_TEXT];

	snprintf(path, sizeof(path), "/proc/%.20s/mountinfo", pid);
	return mnt_new_table_from_file(path);
}

/* Returns 1 where it is there, 0 where not, or a negative errno. */
static int process_look(struct seen *seen, const char *pid,
			bool (*is_wanted)(struct libmnt_table *mounts, void *arg), void *arg,
			struct libmnt_table **ret)
{
	struct libmnt_table *mounts;
	int r = process_is_new(seen, pid);

	if (r <= 0)
		return r;
	mounts = mounts_of(pid);
	if (!mounts)
		return 0;
	r = is_wanted(mounts, arg);
	if (r)
		r = targets_prefix(mounts, pid) ?: 1;
	if (r == 1)
		*ret = mounts;
	else
		mnt_unref_table(mounts);
	return r;
}

/**
 * namespaces_find() - the mounts of the first other namespace that has what is wanted
 * @is_wanted: whether a namespace's mounts have it
 * @arg: for @is_wanted
 * @ret: receives them, each mountpoint by its path from here; mnt_unref_table() it
 *
 * Takes CAP_SYS_PTRACE for processes that have more capabilities than the caller.
 *
 * Returns 0, -ENOENT where there is none, or another negative errno.
 */
int namespaces_find(bool (*is_wanted)(struct libmnt_table *mounts, void *arg), void *arg,
		    struct libmnt_table **ret)
{
	struct seen seen = { 0 };
	struct dirent *e;
	DIR *proc;
	int r = ns_of("self", "user", &seen.user);

	if (r == 0)
		r = process_is_new(&seen, "self");
	if (r < 0)
		return r;
	proc = opendir("/proc");
	r = proc ? 0 : -errno;
	while (r == 0 && (e = readdir(proc)))
		if (isdigit((unsigned char)e->d_name[0]))
			r = process_look(&seen, e->d_name, is_wanted, arg, ret);
	if (proc)
		closedir(proc);
	free(seen.mounts);
	return r == 1 ? 0 : r ? r : -ENOENT;
}
