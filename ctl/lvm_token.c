// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tokens of LVM's metadata text: words, strings, braces, comments. Like LVM, the
 * first NUL ends it. What LVM takes but never writes is no token here.
 */

#include <string.h>

#include "lvm_token.h"

static const char blanks[] = " \t\n\v\f\r";
static const char marks[] = "#={}[],\"'";

static bool is_in(const char *set, char c)
{
	return c && strchr(set, c);
}

static bool at_end(const struct lvm_input *in)
{
	return in->at == in->end || !*in->at;
}

static void blanks_skip(struct lvm_input *in)
{
	while (!at_end(in) && (is_in(blanks, *in->at) || *in->at == '#')) {
		if (*in->at != '#') {
			in->at++;
			continue;
		}
		while (!at_end(in) && *in->at != '\n')
			in->at++;
	}
}

/* A backslash takes the next character's meaning in double quotes alone. */
static struct lvm_token string_next(struct lvm_input *in)
{
	struct lvm_token token = { LVM_TOKEN_STRING, in->at + 1, 0 };
	char quote = *in->at++;

	while (!at_end(in) && *in->at != quote) {
		if (quote == '"' && *in->at == '\\')
			in->at++;
		if (!at_end(in))
			in->at++;
	}
	if (at_end(in))
		return (struct lvm_token){ .kind = LVM_TOKEN_BAD };
	token.len = (size_t)(in->at++ - token.at);
	return token;
}

static struct lvm_token word_next(struct lvm_input *in)
{
	struct lvm_token token = { LVM_TOKEN_WORD, in->at, 0 };

	while (!at_end(in) && !is_in(blanks, *in->at) && !is_in(marks, *in->at))
		in->at++;
	token.len = (size_t)(in->at - token.at);
	return token;
}

/** lvm_token_next() - the text's next token; at its end LVM_TOKEN_END, again and again. */
struct lvm_token lvm_token_next(struct lvm_input *in)
{
	static const enum lvm_token_kind kinds[] = {
		['{'] = LVM_TOKEN_OPEN,	    ['}'] = LVM_TOKEN_CLOSE,  ['['] = LVM_TOKEN_LIST,
		[']'] = LVM_TOKEN_LIST_END, ['='] = LVM_TOKEN_EQUALS, [','] = LVM_TOKEN_COMMA,
	};
	struct lvm_token token = { .kind = LVM_TOKEN_END };

	blanks_skip(in);
	if (at_end(in))
		return token;
	if (*in->at == '"' || *in->at == '\'')
		return string_next(in);
	if (!is_in(marks, *in->at))
		return word_next(in);
	token = (struct lvm_token){ kinds[(unsigned char)*in->at], in->at, 1 };
	in->at++;
	return token;
}

/** lvm_token_is() - whether a word or string is exactly @word. */
bool lvm_token_is(const struct lvm_token *token, const char *word)
{
	return token->len == strlen(word) && !memcmp(token->at, word, token->len);
}

/**
 * lvm_token_number() - the decimal number that a word is
 *
 * Returns false for what is none, or over 64 bits. Nor is one that begins with 0, which
 * LVM would take for octal or hexadecimal.
 */
bool lvm_token_number(const struct lvm_token *token, uint64_t *ret)
{
	uint64_t number = 0;

	if (token->kind != LVM_TOKEN_WORD || !token->len || (token->len > 1 && *token->at == '0'))
		return false;
	for (size_t i = 0; i < token->len; i++) {
		char c = token->at[i];

		if (c < '0' || c > '9' || __builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(c - '0'), &number))
			return false;
	}
	*ret = number;
	return true;
}
