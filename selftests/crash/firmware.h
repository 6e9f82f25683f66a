/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What EDK2's firmware does to a disk before anything else runs. */
#ifndef CRASH_FIRMWARE_H
#define CRASH_FIRMWARE_H

#include "ram.h"

/*
 * It writes the backup anew where LBA 1 names no valid one: the header at LBA
 * 1's alternate, the array behind the last usable LBA. Where LBA 1 is not valid
 * itself, it is written anew from the header in the disk's last block, with the
 * array at LBA 2. Return: it did.
 */
bool firmware_repair(struct ram *ram);

#endif /* CRASH_FIRMWARE_H */
