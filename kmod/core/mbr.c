// SPDX-License-Identifier: GPL-2.0-only
/* The protective MBR: UEFI 2.10, 5.2.3; judged as block/partitions/efi.c does. */
#include <livegrow/mbr.h>

#define MBR_PARTS	4
#define MBR_TYPE_EMPTY	0x00
#define MBR_TYPE_GPT	0xee
#define MBR_SIZE_MAX	0xffffffffU

struct mbr_part {
	u8 boot;
	u8 first_chs[3];
	u8 type;
	u8 last_chs[3];
	__le32 first_lba;
	__le32 nr_lbas;
} __packed;

struct mbr {
	u8 code[446];
	struct mbr_part parts[MBR_PARTS];
	u8 signature[2];
} __packed;

lg_assert_size(struct mbr, 512);

static bool is_protective(const struct mbr_part *part)
{
	return part->type == MBR_TYPE_GPT && le32_to_cpu(part->first_lba) == 1;
}

enum lg_mbr_kind lg_mbr_kind(const u8 *lba0)
{
	const struct mbr *mbr = (const void *)lba0;
	u32 protective = 0, others = 0, i;

	if (mbr->signature[0] != 0x55 || mbr->signature[1] != 0xaa)
		return LG_MBR_NONE;
	for (i = 0; i < MBR_PARTS; i++) {
		if (is_protective(&mbr->parts[i]))
			protective++;
		else if (mbr->parts[i].type != MBR_TYPE_EMPTY)
			others++;
	}
	if (!protective)
		return LG_MBR_NONE;
	return protective == 1 && !others ? LG_MBR_PROTECTIVE : LG_MBR_HYBRID;
}

/* The index of the protective partition: 0 in practice, any by the spec. */
static u32 protective_index(const struct mbr *mbr)
{
	u32 i = 0;

	while (i < MBR_PARTS - 1 && !is_protective(&mbr->parts[i]))
		i++;
	return i;
}

static u32 size_to(u64 last_lba)
{
	return last_lba < MBR_SIZE_MAX ? (u32)last_lba : MBR_SIZE_MAX;
}

bool lg_mbr_covers(const u8 *lba0, u64 last_lba)
{
	const struct mbr *mbr = (const void *)lba0;
	u32 size = le32_to_cpu(mbr->parts[protective_index(mbr)].nr_lbas);

	return size == size_to(last_lba) || size == MBR_SIZE_MAX;
}

u64 lg_mbr_end(const u8 *lba0)
{
	const struct mbr *mbr = (const void *)lba0;
	u32 size = le32_to_cpu(mbr->parts[protective_index(mbr)].nr_lbas);

	return size == MBR_SIZE_MAX ? 0 : size;
}

void lg_mbr_set_end(u8 *lba0, u64 last_lba)
{
	struct mbr *mbr = (void *)lba0;

	mbr->parts[protective_index(mbr)].nr_lbas = cpu_to_le32(size_to(last_lba));
}
