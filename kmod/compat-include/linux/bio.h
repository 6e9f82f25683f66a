/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIVEGROW_COMPAT_LINUX_BIO_H
#define LIVEGROW_COMPAT_LINUX_BIO_H

#include <linux/version.h>
#include_next <linux/bio.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0)

#define blk_opf_t unsigned int

static inline void lg_compat_bio_init(struct bio *bio, struct block_device *bdev,
				      struct bio_vec *table, unsigned short max_vecs,
				      blk_opf_t opf)
{
	bio_init(bio, table, max_vecs);
	bio_set_dev(bio, bdev);
	bio->bi_opf = opf;
}

#define bio_init lg_compat_bio_init

#endif

#endif /* LIVEGROW_COMPAT_LINUX_BIO_H */
