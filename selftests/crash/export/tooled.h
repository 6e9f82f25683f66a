/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a power cut can leave while another tool grows the last partition. */
#ifndef EXPORT_TOOLED_H
#define EXPORT_TOOLED_H

#include "shelf.h"

void export_tooled(struct shelf *shelf);

#endif /* EXPORT_TOOLED_H */
