/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables that break one rule of the parser's, or stop just short of it. */
#ifndef EXPORT_DAMAGES_H
#define EXPORT_DAMAGES_H

#include "shelf.h"

void export_damages(struct shelf *shelf);

#endif /* EXPORT_DAMAGES_H */
