/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power cut can leave of a grow, each with what it becomes. */
#ifndef EXPORT_STATES_H
#define EXPORT_STATES_H

#include "shelf.h"

void export_cuts(struct shelf *shelf);

#endif /* EXPORT_STATES_H */
