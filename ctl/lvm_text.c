// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The metadata text of an LVM volume group, of which is taken how far one physical
 * volume reaches:
 *
 *	vg {
 *		seqno = 7
 *		extent_size = 8192	# sectors
 *		physical_volumes {
 *			pv0 {
 *				id = "kPOz0H-..."
 *				dev_size = 4192256
 *				pe_start = 2048
 *				pe_count = 511
 *			}
 *		}
 *	}
 *	contents = "Text Format Volume Group"
 *	version = 1
 *
 * It is read in one go and nothing is kept of it. Whatever LVM does not write itself,
 * such as a key that is there twice, is an error.
 */

#include <errno.h>
#include <string.h>

#include "lvm_text.h"
#include "lvm_token.h"
#include "util.h"

#define DEPTH_MAX 32

/* The section that a key stands in. */
enum place { TOP, GROUP, VOLUMES, VOLUME, OTHER };

enum key { CONTENTS, VERSION, SEQNO, EXTENT_SIZE, LOCK_TYPE, ID, DEV_SIZE, PE_START, PE_COUNT };

static const struct {
	enum place place;
	const char *name;
	enum lvm_token_kind kind;
} keys[] = {
	[CONTENTS] = { TOP, "contents", LVM_TOKEN_STRING },
	[VERSION] = { TOP, "version", LVM_TOKEN_WORD },
	[SEQNO] = { GROUP, "seqno", LVM_TOKEN_WORD },
	[EXTENT_SIZE] = { GROUP, "extent_size", LVM_TOKEN_WORD },
	[LOCK_TYPE] = { GROUP, "lock_type", LVM_TOKEN_STRING },
	[ID] = { VOLUME, "id", LVM_TOKEN_STRING },
	[DEV_SIZE] = { VOLUME, "dev_size", LVM_TOKEN_WORD },
	[PE_START] = { VOLUME, "pe_start", LVM_TOKEN_WORD },
	[PE_COUNT] = { VOLUME, "pe_count", LVM_TOKEN_WORD },
};

#define BIT(key) (1U << (key))
#define OF_VOLUME (BIT(ID) | BIT(DEV_SIZE) | BIT(PE_START) | BIT(PE_COUNT))
#define OF_GROUP (BIT(CONTENTS) | BIT(VERSION) | BIT(SEQNO) | BIT(EXTENT_SIZE))

/**
 * struct reader - how far the text is read
 * @seen: the bits of the keys met, those of a volume in this section
 * @value: theirs
 * @number: and, where they are numbers, as such
 * @places: the sections that are open
 * @groups: how many volume groups there were
 * @lists: how many lists of volumes in it
 * @mine: the numbers of the volume that is looked for, once it was met
 */
struct reader {
	struct lvm_input in;
	const char *uuid;
	unsigned int seen;
	struct lvm_token value[ARRAY_SIZE(keys)];
	uint64_t number[ARRAY_SIZE(keys)];
	enum place places[DEPTH_MAX];
	size_t depth;
	unsigned int groups, lists;
	bool listed;
	uint64_t mine[ARRAY_SIZE(keys)];
};

static enum place place_of(const struct reader *r)
{
	return r->depth ? r->places[r->depth - 1] : TOP;
}

static int section_open(struct reader *r, const struct lvm_token *name)
{
	enum place in = place_of(r), place = OTHER;

	if (r->depth == DEPTH_MAX)
		return -EUCLEAN;
	if (in == TOP) {
		place = GROUP;
		r->groups++;
	} else if (in == GROUP && lvm_token_is(name, "physical_volumes")) {
		place = VOLUMES;
		r->lists++;
	} else if (in == VOLUMES) {
		place = VOLUME;
		r->seen &= ~OF_VOLUME;
	}
	if (r->groups > 1 || r->lists > 1)
		return -EUCLEAN;
	r->places[r->depth++] = place;
	return 0;
}

/* In the text it has dashes. */
static bool is_uuid(const struct lvm_token *id, const char *uuid)
{
	size_t n = 0;

	for (size_t i = 0; i < id->len; i++) {
		if (id->at[i] == '-')
			continue;
		if (n == LVM_UUID_SIZE || id->at[i] != uuid[n++])
			return false;
	}
	return n == LVM_UUID_SIZE;
}

static int volume_end(struct reader *r)
{
	if (!(r->seen & BIT(ID)))
		return -EUCLEAN;
	if (!is_uuid(&r->value[ID], r->uuid))
		return 0;
	if (r->listed || (r->seen & OF_VOLUME) != OF_VOLUME)
		return -EUCLEAN;
	r->listed = true;
	memcpy(r->mine, r->number, sizeof(r->mine));
	return 0;
}

static int section_close(struct reader *r)
{
	if (!r->depth)
		return -EUCLEAN;
	return r->places[--r->depth] == VOLUME ? volume_end(r) : 0;
}

static int list_skip(struct reader *r)
{
	struct lvm_token token;

	do
		token = lvm_token_next(&r->in);
	while (token.kind == LVM_TOKEN_WORD || token.kind == LVM_TOKEN_STRING ||
	       token.kind == LVM_TOKEN_COMMA);
	return token.kind == LVM_TOKEN_LIST_END ? 0 : -EUCLEAN;
}

static int value_keep(struct reader *r, size_t key, const struct lvm_token *value)
{
	if (r->seen & BIT(key) || value->kind != keys[key].kind ||
	    (value->kind == LVM_TOKEN_WORD && !lvm_token_number(value, &r->number[key])))
		return -EUCLEAN;
	r->seen |= BIT(key);
	r->value[key] = *value;
	return 0;
}

static int value_take(struct reader *r, const struct lvm_token *name)
{
	struct lvm_token value = lvm_token_next(&r->in);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].place == place_of(r) && lvm_token_is(name, keys[i].name))
			return value_keep(r, i, &value);
	if (value.kind == LVM_TOKEN_LIST)
		return list_skip(r);
	return value.kind == LVM_TOKEN_WORD || value.kind == LVM_TOKEN_STRING ? 0 : -EUCLEAN;
}

/* To LVM a slash in a name goes down into a section. */
static int entry_take(struct reader *r, const struct lvm_token *name)
{
	struct lvm_token next = lvm_token_next(&r->in);

	if (memchr(name->at, '/', name->len))
		return -EUCLEAN;
	if (next.kind == LVM_TOKEN_OPEN)
		return section_open(r, name);
	return next.kind == LVM_TOKEN_EQUALS ? value_take(r, name) : -EUCLEAN;
}

static int all_take(struct reader *r)
{
	struct lvm_token token;
	int err = 0;

	while (err == 0 && (token = lvm_token_next(&r->in)).kind != LVM_TOKEN_END) {
		if (token.kind == LVM_TOKEN_WORD)
			err = entry_take(r, &token);
		else if (token.kind == LVM_TOKEN_CLOSE)
			err = section_close(r);
		else
			err = -EUCLEAN;
	}
	return err == 0 && r->depth ? -EUCLEAN : err;
}

static bool is_known(const struct reader *r)
{
	return (r->seen & OF_GROUP) == OF_GROUP && r->number[VERSION] == 1 &&
	       lvm_token_is(&r->value[CONTENTS], "Text Format Volume Group");
}

/* It reaches to the larger one of what LVM takes the device for and of what it makes use of. */
static int reach_of(const struct reader *r, struct lvm_group *ret)
{
	uint64_t end;

	if (__builtin_mul_overflow(r->mine[PE_COUNT], r->number[EXTENT_SIZE], &end) ||
	    __builtin_add_overflow(end, r->mine[PE_START], &end))
		return -EUCLEAN;
	ret->reach = r->mine[DEV_SIZE] > end ? r->mine[DEV_SIZE] : end;
	ret->end = end;
	ret->extent = r->number[EXTENT_SIZE];
	/* LVM takes a size of 0 for that of the device. */
	return r->mine[DEV_SIZE] && r->number[EXTENT_SIZE] ? 0 : -EUCLEAN;
}

/**
 * lvm_text_take() - find out what a volume group's metadata say of a physical volume
 * @text: the metadata; no NUL needs to be behind it
 * @len: bytes
 * @uuid: the volume's, without dashes
 * @ret: receives it
 *
 * Returns 0, also where the volume is not listed, or -EUCLEAN for what LVM would not
 * have written.
 */
int lvm_text_take(const char *text, size_t len, const char uuid[LVM_UUID_SIZE],
		  struct lvm_group *ret)
{
	struct reader r = { .in = { text, text + len }, .uuid = uuid };
	struct lvm_group group = { 0 };
	int err = all_take(&r);

	if (err == 0 && !is_known(&r))
		err = -EUCLEAN;
	if (err == 0 && r.listed)
		err = reach_of(&r, &group);
	if (err < 0)
		return err;
	group.seqno = r.number[SEQNO];
	group.shared = r.seen & BIT(LOCK_TYPE) && !lvm_token_is(&r.value[LOCK_TYPE], "none");
	group.listed = r.listed;
	*ret = group;
	return 0;
}
