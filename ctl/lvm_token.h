/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GROWCTL_LVM_TOKEN_H
#define GROWCTL_LVM_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lvm_token_kind {
	LVM_TOKEN_END,
	LVM_TOKEN_BAD,
	LVM_TOKEN_WORD,
	LVM_TOKEN_STRING,
	LVM_TOKEN_OPEN,
	LVM_TOKEN_CLOSE,
	LVM_TOKEN_LIST,
	LVM_TOKEN_LIST_END,
	LVM_TOKEN_EQUALS,
	LVM_TOKEN_COMMA,
};

/**
 * struct lvm_token - a piece of the text
 * @at: where it begins; a string's without its quotes
 */
struct lvm_token {
	enum lvm_token_kind kind;
	const char *at;
	size_t len;
};

/** struct lvm_input - what is left of the text */
struct lvm_input {
	const char *at, *end;
};

struct lvm_token lvm_token_next(struct lvm_input *in);
bool lvm_token_is(const struct lvm_token *token, const char *word);
bool lvm_token_number(const struct lvm_token *token, uint64_t *ret);

#endif
