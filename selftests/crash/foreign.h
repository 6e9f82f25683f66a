/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same power cuts while another tool grows the last partition. */
#ifndef CRASH_FOREIGN_H
#define CRASH_FOREIGN_H

#include "layouts.h"

/* Results that there will be: one a tool. */
u32 foreign_results(void);

const char *foreign_tool(u32 tool);

/* Runs a tool on the layout's disk: @state sees it as after each sector that was written. */
typedef void state_fn(const struct disk *disk, void *context);
void foreign_states(u32 tool, const struct layout *layout, state_fn *state, void *context);

/* Prints a line a tool: how many of its states have no usable table. */
void foreign(const struct layout *layout);

#endif /* CRASH_FOREIGN_H */
