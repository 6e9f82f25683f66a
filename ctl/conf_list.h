/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_CONF_LIST_H
#define GROWCTL_CONF_LIST_H

#include "conf.h"

int conf_file_new(struct conf *conf, const char *path, const char **ret);
int conf_rule_new(struct conf *conf, const struct conf_rule *rule);
int conf_error_new(struct conf *conf, const struct conf_error *error);
int conf_error_for_all(struct conf *conf, const struct conf_error *error);
int conf_parse(struct conf *conf, const char *file, const char *text, size_t len);

#endif
