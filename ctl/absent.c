// SPDX-License-Identifier: GPL-2.0-or-later
/* Why the module is not there: not built for this kernel, refused by it, or not loaded. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "absent.h"
#include "util.h"

#define ENFORCED "/sys/module/module/parameters/sig_enforce"
#define LOCKDOWN "/sys/kernel/security/lockdown"

/* What DKMS signs with; the second one as Debian 11's helper for that has it. */
#define KEY "/var/lib/dkms/mok.pub"
#define KEY_11 "/root/mok.der"

static bool file_says(const char *path, const char *what)
{
	char text[128] = "";
	FILE *file = fopen(path, "re");

	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strstr(text, what);
}

/* So does a kernel that was started by Secure Boot. */
static bool takes_signed_only(void)
{
	return file_says(ENFORCED, "Y") || file_says(LOCKDOWN, "[integrity]") ||
	       file_says(LOCKDOWN, "[confidentiality]");
}

/* A line there is "PATH: DEPENDENCIES", the path with or without .xz and the like. */
static bool is_livegrow(const char *line)
{
	const char *colon = strchr(line, ':');
	const char *name = strstr(line, "/livegrow.ko");

	return colon && name && name < colon;
}

static bool is_built(const char *release)
{
	char path[128], *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &size, file) > 0)
		found = is_livegrow(line);
	free(line);
	fclose(file);
	return found;
}

/* NULL where there is none, or only one that root alone can see. */
static const char *key_find(void)
{
	static const char *const keys[] = { KEY, KEY_11 };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (access(keys[i], F_OK) == 0)
			return keys[i];
	return NULL;
}

/* Of one that is there and not loaded. */
static void cause_add(char *buf, size_t size)
{
	const char *key = key_find();

	if (!takes_signed_only())
		snprintf(buf, size, "; load it with: modprobe livegrow");
	else if (!key)
		snprintf(buf, size,
			 ": this kernel (Secure Boot) takes signed modules only, and DKMS has no "
			 "key to sign with, " KEY " or " KEY_11
			 "; see livegrow's README on Secure Boot");
	else
		snprintf(buf, size,
			 ": this kernel (Secure Boot) refuses modules signed with a key that is "
			 "not enrolled; enrol DKMS's, then reboot: mokutil --import %s; if it is "
			 "enrolled: modprobe livegrow",
			 key);
}

/**
 * absent_why() - why the module is not there, and what to do, as far as files tell
 * @buf: room for the words
 *
 * Returns @buf.
 */
const char *absent_why(char buf[ABSENT_TEXT])
{
	struct utsname kernel;
	int n = snprintf(buf, ABSENT_TEXT, "livegrow module is not loaded");

	if (uname(&kernel) < 0)
		kernel.release[0] = '\0';
	if (is_built(kernel.release))
		cause_add(buf + n, ABSENT_TEXT - (size_t)n);
	else
		snprintf(buf + n, ABSENT_TEXT - (size_t)n,
			 ": it is not installed for this kernel, %s; "
			 "install the kernel's headers, then: dkms autoinstall, modprobe livegrow",
			 kernel.release);
	return buf;
}
