/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_PASS_H
#define GROWCTL_PASS_H

#include "conf.h"
#include "growers.h"
#include "memory.h"
#include "nl.h"

/**
 * struct pass_news - what a pass saw
 * @settled: no look of the module is under way that another pass had to follow
 * @unstored: the module keeps old tables
 */
struct pass_news {
	bool settled, unstored;
};

int pass(struct lg *lg, struct memory *memory, struct growers *growers, const struct conf *conf,
	 struct pass_news *ret);

#endif
