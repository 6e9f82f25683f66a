/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power cut can leave of the writes that the module made in a guest. */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "layouts.h"

/*
 * Judges the states that a cut can leave of what the log holds, up to the disk
 * that the guest left. Prints the counts as JSON. Return: an exit status, 0 if all is well.
 */
int replay(const struct layout *layout, const char *log, const char *disk);

#endif /* REPLAY_REPLAY_H */
