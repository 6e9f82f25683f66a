// SPDX-License-Identifier: GPL-2.0-or-later
/* Why the module is not there: not built for this kernel, refused by it, or not loaded. */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "absent.h"

#define ENFORCED "/sys/module/module/parameters/sig_enforce"
#define LOCKDOWN "/sys/kernel/security/lockdown"
#define KEY "/var/lib/dkms/mok.pub"

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

/* Of one that is there and not loaded. */
static const char *cause(void)
{
	if (!takes_signed_only())
		return "; load it with: modprobe livegrow";
	if (access(KEY, F_OK) < 0)
		return ": this kernel (Secure Boot) takes signed modules only, and DKMS has no key "
		       "to sign with, " KEY "; see livegrow's README on Secure Boot";
	return ": this kernel (Secure Boot) refuses modules signed with a key that is not "
	       "enrolled; enrol DKMS's, then reboot: mokutil --import " KEY
	       "; if it is enrolled: modprobe livegrow";
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

	if (uname(&kernel) < 0)
		kernel.release[0] = '\0';
	if (is_built(kernel.release))
		snprintf(buf, ABSENT_TEXT, "livegrow module is not loaded%s", cause());
	else
		snprintf(buf, ABSENT_TEXT,
			 "livegrow module is not loaded: it is not installed for this kernel, %s; "
			 "install the kernel's headers, then: dkms autoinstall, modprobe livegrow",
			 kernel.release);
	return buf;
}
